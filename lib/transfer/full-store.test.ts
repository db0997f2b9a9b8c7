import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../domain/errors.ts';
import type { StoreRefusal } from '../domain/store-refusals.ts';
import { type Import, importing, LARGE, NAMES, NO_PAUSES } from '../testing/proxied-import.ts';
import type { Fault, FaultRule } from '../testing/servers/fault-proxy.ts';
import { canMount, smallDisk } from '../testing/small-disk.ts';
import { seededBytes } from '../testing/trees.ts';
import { volumeWorld } from '../testing/volume-world.ts';
import { sealVolume } from './verify/seal.ts';

/** Stores that take small objects and refuse large ones. */

const MIB = 1024 * 1024;
/** In one request. */
const BYTES = 50_000;
/** In two parts. */
const BYTES_IN_PARTS = 17 * MIB;

const refused = (status: number, code: string): Fault => ({ do: 'refuse', status, code });

/** Nothing is called failed, and once there is room all of it lands. */
async function expectRest({ run, proxy, log, objects }: Import, bytes: number): Promise<void> {
  expect(log('failure.csv')).toEqual([]);
  proxy.rules = [];
  const { summary } = await run();
  expect(summary).toMatchObject({ failed: 0, objects: NAMES.length + 1, outcome: 'succeeded' });
  expect(objects().get(LARGE)?.length).toBe(bytes);
}

describe('a store that has no room for a large object', () => {
  test.each<[string, Fault, ErrorCode, StoreRefusal | undefined]>([
    ['a quota', refused(403, 'QuotaExceeded'), 'StoreFull', undefined],
    ['a full disk', refused(507, 'InsufficientStorage'), 'StoreFull', undefined],
    ['a quota of Swift', refused(400, 'EntityTooLarge'), 'StoreRefuses', 'size'],
    ['a proxy’s limit', { do: 'html', status: 413 }, 'StoreRefuses', 'size'],
    ['a rate of bytes', refused(503, 'SlowDown'), 'StoreUnavailable', 'busy'],
    ['a path for small packets', { do: 'silence' }, 'StoreUnavailable', 'unreachable'],
  ])('by %s waits for one as large', async (_, fault, code, refusal) => {
    const rule: FaultRule = { fault, method: 'PUT', path: /\/in\//, bodyBytes: BYTES };
    const run = await importing([rule], { large: BYTES, hurry: true, silenceMs: 2000 });
    await expect(run.run()).rejects.toMatchObject({
      code,
      facts: { refusedBytes: BYTES, ...(refusal && { refusal }) },
    });
    await expectRest(run, BYTES);
  });

  test('though a probe would fit: it is smaller than the object', async () => {
    const rule = { fault: refused(403, 'QuotaExceeded'), method: 'PUT', path: /partNumber=2/ };
    const run = await importing([rule], { large: BYTES_IN_PARTS });
    await expect(run.run()).rejects.toMatchObject({
      code: 'StoreFull',
      facts: { refusedBytes: BYTES_IN_PARTS },
    });
    await expectRest(run, BYTES_IN_PARTS);
    // What had been sent was kept.
    const ones = run.proxy.seen.filter(({ path }) => /\/in\/large\?.*partNumber=1/.test(path));
    expect(ones).toHaveLength(1);
  });

  test.skipIf(!canMount)(
    'on a file system: no loss is reported, and all lands when there is',
    async () => {
      const world = await volumeWorld();
      const disk = smallDisk(world.storeRoot, 24);
      const bucket = 'roomless';
      const root = world.storeRoot;
      const { createBucket } = await import('../stores/directory/directory-store.ts');
      createBucket(root, bucket);
      writeFileSync(join(world.source, 'a-small'), 'small');
      writeFileSync(join(world.source, LARGE), seededBytes(3, 30 * MIB));
      await world.load();
      await sealVolume(world);
      const spec = { kind: 'directory', root, bucket } as const;
      const target = { kind: 'store', spec, prefix: '' } as const;
      const run = () => world.unload({ target, pausesMs: NO_PAUSES });
      await expect(run()).rejects.toMatchObject({
        code: 'StoreFull',
        facts: { refusedBytes: 30 * MIB },
      });
      const failures = readFileSync(join(world.dir, 'unload-state/failure.csv'), 'utf8');
      expect(failures.trim().split('\r\n')).toHaveLength(1);
      disk.remount('size=64m');
      expect((await run()).summary).toMatchObject({ failed: 0, objects: 2, outcome: 'succeeded' });
      expect(existsSync(join(root, bucket, LARGE))).toBe(true);
    },
  );
});

describe('a store that takes no object in parts', () => {
  test('refuses every large one, not this one', async () => {
    const fault = refused(403, 'AccessDenied');
    const run = await importing([{ fault, method: 'POST', path: /\?.*uploads/ }], {
      large: BYTES_IN_PARTS,
    });
    await expect(run.run()).rejects.toMatchObject({
      code: 'StoreRefuses',
      facts: { refusal: 'right', refusedBytes: 16 * MIB + 1 },
    });
    await expectRest(run, BYTES_IN_PARTS);
  });
});

describe('an object that alone is refused for its size', () => {
  test.each<[string, Fault]>([
    ['EntityTooLarge', refused(400, 'EntityTooLarge')],
    ['a page with 413', { do: 'html', status: 413 }],
  ])('by %s fails by name: another as large is taken', async (_, fault) => {
    const run = await importing([{ fault, method: 'PUT', path: /\/in\/large/ }], { large: BYTES });
    const { summary } = await run.run();
    expect(summary).toMatchObject({ failed: 1, objects: NAMES.length, outcome: 'with-errors' });
    expect(run.log('failure.csv')).toEqual([
      expect.stringMatching(/^in\/large,.*,failed,ObjectRefused,.*,3$/),
    ]);
  });
});
