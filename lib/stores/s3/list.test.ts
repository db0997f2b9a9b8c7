import { expect, onTestFinished, test } from 'vitest';
import { KEY_RULES } from '../../domain/object-keys.ts';
import { type FaultRule, faultProxy } from '../../testing/servers/fault-proxy.ts';
import { type Listings, readableS3 } from '../../testing/servers/readable-s3.ts';
import { openStore } from '../open.ts';
import { openS3 } from './client.ts';
import { listObjects } from './list.ts';
import { storedObject } from './metadata.ts';

const KEYS = Array.from({ length: 7 }, (_, i) => `key-${i}`);

/** A store whose listing has three pages, behind a proxy. */
async function threePages({ rules = [], lie }: { rules?: FaultRule[]; lie?: Listings['lie'] }) {
  const objects = new Map(KEYS.map((key) => [key, { body: Buffer.from(key) }]));
  const { place } = await readableS3(objects, { pageKeys: 3, ...(lie && { lie }) });
  const proxy = await faultProxy(place.endpoint, { rules });
  onTestFinished(() => proxy.close());
  const remote = { ...place, endpoint: proxy.endpoint, attempts: 2, hurry: true };
  const store = openStore({ kind: 's3', bucket: 'bucket', remote });
  const listed: string[] = [];
  const list = async () => {
    for await (const { key } of store.list({ prefix: '', bare: true })) listed.push(key.toString());
  };
  return { list, listed, store };
}

const LATER = /continuation-token=/;
const withoutToken = (page: string) =>
  page.replace(/<NextContinuationToken>.*<.NextContinuationToken>/, '');

test('a listing goes on over its pages', async () => {
  const { list, listed } = await threePages({});
  await list();
  expect(listed).toEqual(KEYS);
});

test.each<[string, FaultRule['fault']]>([
  ['a page of a portal', { do: 'html', status: 200 }],
  ['an error inside', { do: 'error-inside', code: 'InternalError' }],
  ['half of it', { do: 'truncate-answer' }],
])('a page answered by %s, once, is asked for again', async (_, fault) => {
  const rules = [{ fault, path: LATER, mth: 1 }];
  const { list, listed } = await threePages({ rules });
  await list();
  expect(listed).toEqual(KEYS);
});

test.each<[string, FaultRule['fault']]>([
  ['a page of a portal', { do: 'html', status: 200 }],
  ['an error inside', { do: 'error-inside', code: 'InternalError' }],
])('a page answered by %s, always, is not the end of the listing', async (_, fault) => {
  const { list, store } = await threePages({ rules: [{ fault, path: LATER }] });
  await expect(list()).rejects.toMatchObject({ code: 'StoreUnavailable' });
  // A look-up that does not end is the trouble of the whole store: no key counts as absent by it.
  const looking = store.expect?.(KEYS.map((key) => Buffer.from(key)));
  await expect(looking).rejects.toMatchObject({ code: 'StoreRefuses' });
});

test.each<[string, NonNullable<Listings['lie']>]>([
  ['truncated and has no token', withoutToken],
  [
    'one of the first version',
    (page) => withoutToken(page).replace('<EncodingType>url', '<Marker/><EncodingType>url'),
  ],
  [
    'cut, though it counts its keys',
    (page) => page.replace(/<Contents>.*<.Contents>/, '<KeyCount>3</KeyCount>'),
  ],
  ['the first one again', (page, query) => (query.has('continuation-token') ? FIRST : page)],
  [
    'always of the same token',
    (page) => page.replace(/<NextContinuationToken>.*<.NextContinuationToken>/, TOKEN),
  ],
  [
    'empty, and goes on for ever',
    () => `<ListBucketResult>${TRUNCATED}${TOKEN}</ListBucketResult>`,
  ],
])('a page that is %s is an error of the store', async (_, lie) => {
  const { list } = await threePages({ lie });
  await expect(list()).rejects.toMatchObject({ code: 'StoreUnavailable' });
});

const TRUNCATED = '<IsTruncated>true</IsTruncated>';
const TOKEN = '<NextContinuationToken>key-2</NextContinuationToken>';
const FIRST = `<ListBucketResult>${TRUNCATED}<NextContinuationToken>other</NextContinuationToken><Contents><Key>key-0</Key><Size>5</Size></Contents></ListBucketResult>`;

test('a key that is never answered is given as it is listed', async () => {
  const objects = new Map(KEYS.map((key) => [key, { body: Buffer.from(key) }]));
  const { place } = await readableS3(objects);
  const found: [string, boolean | undefined][] = [];
  const listing = listObjects(await openS3(place), {
    bucket: 'bucket',
    range: { prefix: '' },
    rules: { ...KEY_RULES.s3, form: 'text' },
    stat: (key) =>
      key.toString() === 'key-3'
        ? new Promise(() => undefined)
        : Promise.resolve(storedObject(key, 5, undefined)),
    requireOwn: (error) => Promise.reject(error),
    rest: () => Promise.resolve(),
    silenceMs: 100,
  });
  for await (const { key, isBare } of listing) found.push([key.toString(), isBare]);
  expect(found).toEqual(KEYS.map((key) => [key, key === 'key-3' ? true : undefined]));
});
