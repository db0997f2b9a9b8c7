import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { WaybillError } from '../../domain/errors.ts';
import { type KeyRules, keyProblem } from '../../domain/object-keys.ts';
import { boundsOf, type KeyRange, within } from '../range/key-range.ts';
import { NoAnswer } from '../remote/client-config.ts';
import { failureOf } from '../remote/errors.ts';
import { isProbeKey } from '../remote/probe-key.ts';
import type { StoredObject } from '../store.ts';
import type { S3Api } from './client.ts';
import { storedObject } from './metadata.ts';

/** Objects whose metadata is asked for at once. */
const AHEAD = 32;

/** Less than a request may be silent (remote-client.ts): what is only slow to be looked at is no error of the listing. */
const SILENCE_MS = 20_000;

/** An object as a listing has it: without metadata. */
export interface ListedObject {
  key: Buffer;
  bytes: number;
  changed: Date | undefined;
}

const NO_LISTING = 'the answer is not a listing of S3';
/** Before a page is asked for again whose answer cannot be one. */
const PAGE_PAUSES_MS = [500, 2000, 5000];

export interface ListedRange {
  prefix: string;
  /** Exclusive, as S3 has it. */
  after?: string | undefined;
  /** Waits before a page is asked for again. */
  rest(ms: number): Promise<void>;
}

/**
 * Keys of a bucket after one of them, in byte order. Nothing that is answered is taken for the end of the listing unless
 * it says so. Throws StoreUnavailable when what is answered goes on to be no listing, or no next page of this one.
 */
export async function* listPages(
  api: S3Api,
  bucket: string,
  range: ListedRange,
): AsyncGenerator<ListedObject[]> {
  const tokens = new Set<string>();
  let token: string | undefined;
  let last: Buffer | undefined;
  do {
    const page = await nextPage(api, bucket, { ...range, token, last, tokens });
    yield page.objects;
    last = page.objects.at(-1)?.key ?? last;
    token = page.next;
    if (token) tokens.add(token);
  } while (token);
}

interface PageAsked extends ListedRange {
  token: string | undefined;
  /** The last key of the pages before. */
  last: Buffer | undefined;
  /** Tokens of the pages before. */
  tokens: ReadonlySet<string>;
}

interface Page {
  objects: ListedObject[];
  /** Token of the page after it. */
  next: string | undefined;
}

async function nextPage(api: S3Api, bucket: string, asked: PageAsked): Promise<Page> {
  for (const pause of PAGE_PAUSES_MS) {
    const page = await askPage(api, bucket, asked);
    if (typeof page !== 'string') return page;
    await asked.rest(pause);
  }
  const page = await askPage(api, bucket, asked);
  if (typeof page !== 'string') return page;
  throw new WaybillError('StoreUnavailable', { bucket, detail: page });
}

/** A page, or why the answer is none. */
async function askPage(
  api: S3Api,
  bucket: string,
  { prefix, after, token, last, tokens }: PageAsked,
): Promise<Page | string> {
  const command = new api.sdk.ListObjectsV2Command({
    Bucket: bucket,
    // XML cannot say every key.
    EncodingType: 'url',
    ...(prefix === '' ? {} : { Prefix: prefix }),
    ...(token ? { ContinuationToken: token } : after ? { StartAfter: after } : {}),
  });
  const send = () => api.client.send(command);
  // A listing of thousands of pages may lose an answer.
  const sendAgain = (error: unknown) =>
    error instanceof NoAnswer ? send() : Promise.reject(error);
  const page = await send()
    .catch(sendAgain)
    .catch((error: unknown) => {
      // What is not even XML, or ends in its middle. Other errors were tried again by the SDK.
      if (failureOf(error).status !== 200) throw error;
    });
  if (!page) return NO_LISTING;
  const objects = objectsOf(page);
  const first = objects[0]?.key;
  const next = page.IsTruncated ? page.NextContinuationToken : undefined;
  const problem =
    listingProblem(page) ??
    (next && tokens.has(next) ? 'its listing comes back to where it was' : undefined) ??
    (first && last && Buffer.compare(first, last) <= 0
      ? 'a page of its listing does not go on where the one before it ended'
      : undefined);
  return problem ?? { objects, next };
}

/**
 * Why an answer is no whole page of a listing. The SDK reads any XML, also the page of a portal or an error, as a listing of
 * nothing: every listing says whether it is truncated, and nothing else does.
 */
function listingProblem({
  IsTruncated,
  NextContinuationToken,
  KeyCount = 0,
  Contents = [],
}: ListObjectsV2CommandOutput): string | undefined {
  if (IsTruncated === undefined) return NO_LISTING;
  if (IsTruncated && !NextContinuationToken)
    return 'its listing is truncated, and does not say how it goes on';
  if (KeyCount > Contents.length) return 'its listing counts more keys than it has';
  return undefined;
}

/** For a listing that only tries out whether it is answered. Throws StoreUnavailable. */
export function requireListing(page: ListObjectsV2CommandOutput): ListObjectsV2CommandOutput {
  const detail = listingProblem(page);
  if (detail) throw new WaybillError('StoreUnavailable', { detail });
  return page;
}

function objectsOf(page: ListObjectsV2CommandOutput): ListedObject[] {
  const bytesOf = (text: string) =>
    page.EncodingType === 'url' ? decodeUrl(text) : Buffer.from(text);
  return (page.Contents ?? []).map(({ Key = '', Size = 0, LastModified }) => ({
    key: bytesOf(Key),
    bytes: Size,
    changed: LastModified,
  }));
}

/** S3 writes a space as `+`, others as `%20`. What is encoded need not be text: some stores take any bytes. */
function decodeUrl(text: string): Buffer {
  if (!/[+%]/.test(text)) return Buffer.from(text);
  const pieces = text.replaceAll('+', ' ').split(/((?:%[0-9a-f]{2})+)/i);
  return Buffer.concat(
    pieces.map((piece, i) =>
      i % 2 === 1 ? Buffer.from(piece.replaceAll('%', ''), 'hex') : Buffer.from(piece),
    ),
  );
}

/**
 * Objects of a range in byte order, each with its metadata, asked for a few ahead. What cannot be looked at is given as it is
 * listed (`isBare`), also when it has disappeared: reading it will say so. Keys that cannot be used are given as the listing has them, so that a report can name them.
 */
export async function* listObjects(
  api: S3Api,
  options: {
    bucket: string;
    range: KeyRange;
    rules: KeyRules;
    stat(key: Buffer): Promise<StoredObject | undefined>;
    /** Throws the error unless it is this object's alone. */
    requireOwn(error: unknown, key: Buffer): Promise<void>;
    rest(ms: number): Promise<void>;
    /** What is looked at for so long without an answer is given as it is listed. */
    silenceMs?: number;
  },
): AsyncGenerator<StoredObject> {
  const { bucket, range, rules, stat, requireOwn, rest, silenceMs = SILENCE_MS } = options;
  const bounds = boundsOf(range);
  const ahead: Promise<StoredObject | undefined>[] = [];
  const lookAt = ({ key, bytes, changed }: ListedObject) => {
    const usable = !range.bare && keyProblem(key, rules) === undefined;
    const listed = storedObject(key, bytes, changed);
    const bare = { ...listed, isBare: true };
    // What cannot be looked at is not left out: reading it will say why.
    const found = usable
      ? inTime(stat(key), silenceMs).then(
          // One 404 on the way does not make an object go that was just listed.
          (object) => object ?? bare,
          async (error) => {
            await requireOwn(error, key);
            return bare;
          },
        )
      : Promise.resolve(listed);
    // Whoever waits for it gets the error; until then it is nobody's.
    found.catch(() => undefined);
    ahead.push(found);
  };
  const { begin, prefix } = range;
  if (begin && within(Buffer.from(begin), bounds) && !keyProblem(Buffer.from(begin), rules))
    ahead.push(stat(Buffer.from(begin)));
  pages: for await (const page of listPages(api, bucket, { prefix, after: begin, rest })) {
    for (const listed of page) {
      if (bounds.end && Buffer.compare(listed.key, bounds.end) > 0) break pages;
      if (within(listed.key, bounds) && !isReserved(listed.key)) lookAt(listed);
      if (ahead.length < AHEAD) continue;
      const object = await ahead.shift();
      if (object) yield object;
    }
  }
  for (const each of ahead) {
    const object = await each;
    if (object) yield object;
  }
}

/** Undefined when there is no answer in time. One key that is never answered holds up no listing. */
async function inTime<T>(asked: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

const RESERVED = Buffer.from('.waybill-tmp/');
const isReserved = (key: Buffer): boolean =>
  key.subarray(0, RESERVED.length).equals(RESERVED) || isProbeKey(key);
