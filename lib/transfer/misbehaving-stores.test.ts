import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ErrorCode } from '../domain/errors.ts';
import type { StoreRefusal } from '../domain/store-refusals.ts';
import { openStore } from '../stores/open.ts';
import {
  type Import,
  importing,
  LARGE,
  NAMES,
  NO_PAUSES,
  sealedWorld,
} from '../testing/proxied-import.ts';
import { type Fault, type FaultRule, faultProxy } from '../testing/servers/fault-proxy.ts';
import { s3Servers } from '../testing/servers/s3-servers.ts';
import { listKeys, readObject, remoteSpec } from '../testing/store-world.ts';

/** Imports through a proxy that does what networks, gateways and stores do. */

const B = /^\/bucket\/in\/b(\?|$)/;

const put = (fault: Fault, more: Partial<FaultRule> = {}): FaultRule => ({
  fault,
  method: 'PUT',
  path: /^\/bucket\/in\//,
  ...more,
});
const refusing = put({ do: 'refuse', status: 403, code: 'AccessDenied' }, { path: /\/in\// });
const refused = (status: number, code: string): Fault => ({ do: 'refuse', status, code });
/** Every object of the source is there, and nothing else. */
function expectAll({ world, objects }: Import, without: string[] = []): void {
  const there = objects();
  for (const name of NAMES.filter((one) => !without.includes(one)))
    expect(there.get(name)?.toString()).toBe(`bytes of ${name}`);
  for (const name of without) expect(there.has(name)).toBe(false);
  const large = there.get(LARGE);
  if (large) expect(large.equals(readFileSync(join(world.source, LARGE)))).toBe(true);
  expect([...there.keys()].filter((key) => key.includes('.waybill-'))).toEqual([]);
}

describe('a store that refuses all objects', () => {
  test.each<[number, string, ErrorCode, StoreRefusal | undefined]>([
    [403, 'AccessDenied', 'StoreRefuses', 'right'],
    [403, 'InvalidAccessKeyId', 'StoreRefuses', 'key'],
    [403, 'SignatureDoesNotMatch', 'StoreRefuses', 'signature'],
    [403, 'RequestTimeTooSkewed', 'StoreRefuses', 'clock'],
    [403, 'AllAccessDisabled', 'StoreRefuses', 'account'],
    [403, 'QuotaExceeded', 'StoreFull', undefined],
    [507, 'InsufficientStorage', 'StoreFull', undefined],
    [404, 'NoSuchBucket', 'BucketNotFound', undefined],
    [400, 'AuthorizationHeaderMalformed', 'StoreRefuses', 'region'],
    [301, 'PermanentRedirect', 'StoreRefuses', 'region'],
    [405, 'MethodNotAllowed', 'StoreRefuses', 'read-only'],
    [400, 'KMS.DisabledException', 'StoreRefuses', 'encryption'],
    [400, 'SomethingNew', 'StoreRefuses', 'unknown'],
  ])(
    'with %i %s stops the import at once, which goes on when it may',
    async (status, code, error, refusal) => {
      const run = await importing([put(refused(status, code))]);
      await expect(run.run()).rejects.toMatchObject({
        code: error,
        ...(refusal && { facts: { refusal } }),
      });
      expect(run.objects().size).toBe(0);
      expect(run.log('failure.csv')).toEqual([]);
      run.proxy.rules = [];
      const { summary } = await run.run();
      expect(summary).toMatchObject({ failed: 0, outcome: 'succeeded', alreadyPresent: 0 });
      expectAll(run);
    },
  );

  test('in the middle keeps what has landed, and says that the report is not whole', async () => {
    const run = await importing([put(refused(403, 'AccessDenied'), { nth: 3 })]);
    await expect(run.run()).rejects.toMatchObject({ code: 'StoreRefuses' });
    const summary = JSON.parse(
      readFileSync(join(run.world.dir, 'unload-state/summary.json'), 'utf8'),
    );
    expect(summary).toMatchObject({ partial: true, outcome: 'with-errors' });
    run.proxy.rules = [];
    expect((await run.run()).summary).toMatchObject({ failed: 0, outcome: 'succeeded' });
    expectAll(run);
  });

  test('is known for it also when its probes pass: an import of nothing is none', async () => {
    const path = /^\/bucket\/in\/(?!.*\.waybill-)/;
    const run = await importing([put(refused(403, 'AccessDenied'), { path })]);
    await expect(run.run()).rejects.toMatchObject({ code: 'StoreRefuses' });
    expect(run.objects().size).toBe(0);
    run.proxy.rules = [];
    expect((await run.run()).summary).toMatchObject({ failed: 0, outcome: 'succeeded' });
    expectAll(run);
  });
});

describe('what is one object’s affair', () => {
  test.each<[string, Fault]>([
    ['HTML in place of XML', { do: 'html', status: 200 }],
    ['HTML as a refusal', { do: 'html', status: 403 }],
    ['HTML of a gateway', { do: 'html', status: 502 }],
    ['a status that nobody knows', refused(418, 'Teapot')],
    ['a reset', { do: 'reset-before' }],
    ['a reset in the request', { do: 'reset-in-request' }],
    ['a refusal', refused(403, 'AccessDenied')],
    ['an error inside 200', { do: 'error-inside', code: 'InternalError' }],
    ['bytes that are never right', { do: 'flip-request' }],
  ])('fails by name after its attempts, with %s; the others land', async (_, fault) => {
    const run = await importing([{ fault, path: B }]);
    const { summary } = await run.run();
    expect(summary).toMatchObject({ failed: 1, outcome: 'with-errors' });
    expectAll(run, ['b']);
    const [line, ...more] = run.log('failure.csv');
    expect(more).toEqual([]);
    expect(line).toMatch(
      /^in\/b,.*,failed,(ObjectUnanswered|ObjectRefused|ChecksumMismatch),.*,[35]$/,
    );
    run.proxy.rules = [];
    const seenBefore = run.proxy.seen.length;
    const again = await run.run();
    expect(again.summary).toMatchObject({ failed: 0, outcome: 'succeeded' });
    expectAll(run);
    expect(run.log('failure.csv')).toEqual([]);
    // Only that object was asked for, and its attempts are kept.
    const asked = run.proxy.seen
      .slice(seenBefore)
      .filter(({ path }) => /^\/bucket\/in\/[^.]/.test(path));
    expect(asked.every(({ path }) => B.test(path))).toBe(true);
    expect(run.log('success.csv').find((row) => row.startsWith('in/b,'))).toMatch(/,[46]$/);
  });

  test('a right that is missing below one folder costs what lies there', async () => {
    const run = await importing([
      put(refused(403, 'AccessDenied'), { path: /^\/bucket\/in\/private\// }),
    ]);
    const { summary } = await run.run();
    expect(summary).toMatchObject({ failed: 2, outcome: 'with-errors' });
    expectAll(run, ['private/d', 'private/e']);
    expect(run.log('failure.csv').every((row) => row.includes('ObjectRefused'))).toBe(true);
  });
});

describe('what is hurt on the way is sent again', () => {
  test('three damaged requests, then a whole one', async () => {
    const run = await importing([put({ do: 'flip-request' }, { path: B, mth: 3 })]);
    expect((await run.run()).summary).toMatchObject({ failed: 0, outcome: 'succeeded' });
    expectAll(run);
    expect(run.log('success.csv').find((row) => row.startsWith('in/b,'))).toMatch(/,written,,,,4$/);
  });

  test('an object that was read back damaged', async () => {
    const rule = { fault: { do: 'flip-answer' } as const, method: 'GET', path: B, mth: 1 };
    const run = await importing([rule], { blind: true });
    expect((await run.run()).summary).toMatchObject({ failed: 0, outcome: 'succeeded' });
    expectAll(run);
    expect(
      run.proxy.seen.filter(({ method, path }) => method === 'PUT' && B.test(path)),
    ).toHaveLength(1);
  });

  test('a store that compares nothing keeps no damaged object', async () => {
    const run = await importing([put({ do: 'flip-request' }, { path: B, mth: 2 })], {
      blind: true,
    });
    expect((await run.run()).summary).toMatchObject({ failed: 0, outcome: 'succeeded' });
    expectAll(run);
  });

  test.each<[string, Fault]>([
    ['lost', { do: 'lose-answer' }],
    ['cut off', { do: 'reset-in-answer' }],
    ['an error inside 200', { do: 'error-inside', code: 'InternalError', acts: true }],
  ])('an answer that is %s, after the store has acted, is a landed object', async (_, fault) => {
    for (const mth of [1, 2, 5]) {
      const run = await importing([put(fault, { path: B, mth })]);
      expect((await run.run()).summary).toMatchObject({ failed: 0, alreadyPresent: 0 });
      expectAll(run);
      expect(run.log('success.csv').find((row) => row.startsWith('in/b,'))).toContain(',written,');
    }
  });
});

describe('a store that compares nothing', () => {
  const readBack = (key: RegExp, mth?: number): FaultRule => ({
    fault: refused(403, 'AccessDenied'),
    method: 'GET',
    path: key,
    mth,
  });

  test('is not believed what it was told of a damaged object', async () => {
    const run = await importing(
      [put({ do: 'flip-request' }, { path: B, mth: 1 }), readBack(B, 1)],
      { blind: true },
    );
    expect((await run.run()).summary).toMatchObject({ failed: 0, outcome: 'succeeded' });
    expectAll(run);
  });

  test.each([
    ['in one request', B, 0],
    ['in parts', /large/, 17 * 1024 * 1024],
  ])(
    'has nothing damaged left of an import that ended before it was read back, %s',
    async (_, key, large) => {
      const damaged = put({ do: 'flip-request' }, { path: key });
      const run = await importing([damaged, readBack(key)], { blind: true, large });
      expect((await run.run()).summary).toMatchObject({ failed: 1 });
      run.proxy.rules = [];
      const stateDir = join(run.world.dir, 'another-state');
      const { summary } = await run.run({ stateDir });
      expect(summary).toMatchObject({ failed: 0, outcome: 'succeeded' });
      expectAll(run);
      if (large > 0) expect(run.objects().has(LARGE)).toBe(true);
    },
  );

  test.each(['never', 'if-different'] as const)(
    'replaces nothing with policy %s because a listing says that nothing is there',
    async (overwrite) => {
      const run = await importing([], { blind: true });
      await run.run();
      const before = run.proxy.seen.length;
      run.proxy.rules = [{ fault: { do: 'empty-listing' }, method: 'GET', path: /list-type=2/ }];
      const { summary } = await run.run({ overwrite, stateDir: join(run.world.dir, 'again') });
      expect(summary).toMatchObject({ failed: 0, alreadyPresent: NAMES.length });
      const puts = run.proxy.seen.slice(before).filter(({ method }) => method === 'PUT');
      expect(puts.filter(({ path }) => !path.includes('.waybill-'))).toEqual([]);
    },
  );
});

describe('an object in parts', () => {
  const BYTES = 37 * 1024 * 1024;
  test.each<[string, FaultRule]>([
    [
      'a part is damaged',
      { fault: { do: 'flip-request' }, method: 'PUT', path: /partNumber=2/, mth: 2 },
    ],
    [
      'a part’s answer is HTML',
      { fault: { do: 'html', status: 200 }, method: 'PUT', path: /partNumber=2/, mth: 2 },
    ],
    [
      'a part’s answer is lost',
      { fault: { do: 'lose-answer' }, method: 'PUT', path: /partNumber=2/, mth: 3 },
    ],
    [
      'the last answer is lost',
      { fault: { do: 'lose-answer' }, method: 'POST', path: /uploadId=/, mth: 2 },
    ],
    [
      'the last answer has an error inside',
      {
        fault: { do: 'error-inside', code: 'InternalError' },
        method: 'POST',
        path: /uploadId=/,
        mth: 2,
      },
    ],
    [
      'so it is, and the store has acted',
      {
        fault: { do: 'error-inside', code: 'InternalError', acts: true },
        method: 'POST',
        path: /uploadId=/,
        mth: 2,
      },
    ],
    [
      'the last answer is HTML',
      { fault: { do: 'html', status: 200 }, method: 'POST', path: /uploadId=/, mth: 2 },
    ],
    [
      'the upload is not begun',
      { fault: { do: 'html', status: 200 }, method: 'POST', path: /uploads/, mth: 2 },
    ],
  ])('lands when %s', async (_, rule) => {
    const run = await importing([rule], { large: BYTES });
    expect((await run.run()).summary).toMatchObject({ failed: 0, outcome: 'succeeded' });
    expectAll(run);
    expect(run.objects().get(LARGE)?.length).toBe(BYTES);
  });
});

describe.each(s3Servers('Swift'))('behind a proxy, $name', ({ running }) => {
  test('checks the signatures of the requests, and has all objects in the end', async () => {
    const world = await sealedWorld(20 * 1024 * 1024);
    const spec = await remoteSpec(running(), 's3');
    const proxy = await faultProxy(spec.remote.endpoint, { seed: 5 });
    onTestFinished(() => proxy.close());
    proxy.rules = [
      { fault: { do: 'lose-answer' }, method: 'PUT', probability: 0.2 },
      { fault: { do: 'flip-request' }, method: 'PUT', path: /\/in\//, probability: 0.2 },
      { fault: { do: 'html', status: 200 }, path: /\/in\/private\/d(\?|$)/ },
    ];
    const remote = { ...spec.remote, endpoint: proxy.endpoint, attempts: 3 };
    const target = { kind: 'store', spec: { ...spec, remote }, prefix: 'in/' } as const;
    const { summary } = await world.unload({ target, pausesMs: NO_PAUSES });
    expect(summary.failed).toBeGreaterThanOrEqual(1);
    proxy.rules = [refusing];
    await expect(world.unload({ target, pausesMs: NO_PAUSES })).rejects.toMatchObject({
      code: 'StoreRefuses',
      facts: { refusal: 'right' },
    });
    proxy.rules = [];
    const last = await world.unload({ target, pausesMs: NO_PAUSES });
    expect(last.summary).toMatchObject({ failed: 0, outcome: 'succeeded' });
    const store = openStore(spec);
    for (const name of NAMES)
      expect((await readObject(store, `in/${name}`)).toString()).toBe(`bytes of ${name}`);
    const large = await readObject(store, `in/${LARGE}`);
    expect(large.equals(readFileSync(join(world.source, LARGE)))).toBe(true);
    expect((await listKeys(store)).filter((key) => key.includes('.waybill-'))).toEqual([]);
    await store.close();
  });
});
