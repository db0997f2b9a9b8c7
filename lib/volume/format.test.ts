import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WaybillError } from '../domain/errors.ts';
import { makeAwkwardTree, makeTree, seededBytes, snapshot } from '../testing/trees.ts';
import { volumeWorld } from '../testing/volume-world.ts';
import { sealVolume } from '../transfer/verify/seal.ts';
import { decodePage, encodePage, NO_SEGMENT } from './catalog/page.ts';
import { type CatalogRecord, decodeRecord } from './catalog/records.ts';
import { readSealLines } from './catalog/seal-lines.ts';
import { parseLabel } from './label.ts';
import { FRAME_BYTES, LAYOUT_1 } from './layout.ts';
import { lockDevice } from './lock.ts';
import { openFrame, sealFrame } from './sealed/frames.ts';
import { sealBytes, sealedBytes } from './sealed/sealed-file.ts';

test('a reader written from FORMAT.md alone reads a volume', async () => {
  const world = await volumeWorld();
  makeTree(world.source, { seed: 4, files: 20, bytesMax: 10_000 });
  makeAwkwardTree(world.source);
  writeFileSync(join(world.source, 'three frames'), seededBytes(1, 2 * FRAME_BYTES + 17));
  await world.load();
  await sealVolume(world);
  const script = fileURLToPath(new URL('../../e2e/stranger/read-volume.mjs', import.meta.url));
  const input = world.jobKey?.toString('hex') ?? '';
  const run = spawnSync(process.execPath, [script, world.deviceDir], { input, encoding: 'latin1' });
  expect(run.stderr).toBe('');
  const read = new Map(
    run.stdout.split('\n').flatMap((line) => {
      const match = /^(\w{64}) {2}\d+ {2}(".*")$/.exec(line);
      if (!match?.[2]) return [];
      const key = Buffer.from(JSON.parse(match[2]), 'latin1').toString('utf8');
      return [[key, key.endsWith('/') ? '' : match[1]] as const];
    }),
  );
  expect(Object.fromEntries(read)).toEqual(Object.fromEntries(snapshot(world.source)));
});

test('sha256sum accepts a bag, and openssl its seal', async () => {
  const world = await volumeWorld('bag');
  makeTree(world.source, { seed: 6, files: 20, bytesMax: 10_000 });
  await world.load();
  await sealVolume(world);
  for (const manifest of ['manifest-sha256.txt', 'tagmanifest-sha256.txt']) {
    const run = spawnSync('sha256sum', ['--strict', '-c', manifest], {
      cwd: world.deviceDir,
      encoding: 'utf8',
    });
    expect(run.status, run.stdout + run.stderr).toBe(0);
  }
  writeFileSync(join(world.dir, 'ca.pem'), world.authority.certificatePem);
  const waybill = join(world.deviceDir, 'waybill');
  const args = ['cms', '-verify', '-binary', '-inform', 'DER', '-in', join(waybill, 'seal.cms')];
  const rest = [
    '-content',
    join(waybill, 'seal.bin'),
    '-CAfile',
    join(world.dir, 'ca.pem'),
    '-out',
    '/dev/null',
  ];
  expect(spawnSync('openssl', [...args, ...rest], { encoding: 'utf8' }).stderr).toMatch(
    /successful/,
  );
});

describe('frames', () => {
  const key = Buffer.alloc(32, 1);
  const target = Buffer.alloc(FRAME_BYTES);

  test('open again, and only in their place', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2000 }),
        fc.nat(1e6),
        fc.boolean(),
        (bytes, index, last) => {
          const sealed = Buffer.concat(sealFrame(key, index, last, Buffer.from(bytes)));
          const length = openFrame(key, index, last, sealed, target);
          expect(length).toBe(bytes.length);
          expect(target.subarray(0, length).equals(bytes)).toBe(true);
          expect(openFrame(key, index + 1, last, sealed, target)).toBeUndefined();
          expect(openFrame(key, index, !last, sealed, target)).toBeUndefined();
          expect(openFrame(Buffer.alloc(32, 2), index, last, sealed, target)).toBeUndefined();
          expect(openFrame(key, index, last, sealed.subarray(1), target)).toBeUndefined();
        },
      ),
    );
  });

  test('take the room that the format says', () => {
    const volumeId = '00000000-0000-4000-8000-000000000000';
    const id = { format: LAYOUT_1.format, kind: 'page', number: 1, volumeId } as const;
    for (const size of [0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 3 * FRAME_BYTES]) {
      const sealed = sealBytes(key, id, Buffer.alloc(size));
      expect(sealed.length).toBe(sealedBytes(size));
    }
  });

  test('are as the format fixed them: a vector', () => {
    const sealed = Buffer.concat(sealFrame(key, 5, true, Buffer.from('waybill')));
    expect(sealed.toString('hex')).toBe(VECTOR);
  });
});

/** AES-256-GCM, key 01×32, nonce 00000000000000 00000005 01, plaintext "waybill". */
const VECTOR = '0e7729a46487ba6464232d6d52854eba08f47e95029ffa';

const recordArbitrary: fc.Arbitrary<CatalogRecord> = fc.record({
  kind: fc.constant('file' as const),
  key: fc
    .array(fc.stringMatching(/^[a-z]{1,10}$/), { minLength: 1, maxLength: 5 })
    .map((parts) => Buffer.from(parts.join('/'))),
  mode: fc.nat(0o7777),
  bytes: fc.maxSafeNat(),
  mtimeNs: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
  crc32: fc.nat(0xffffffff),
  sha256: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
  replaces: fc.boolean(),
  meta: fc.option(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string()), {
    nil: undefined,
  }),
  extents: fc.array(
    fc.record({
      segment: fc.integer({ min: 1, max: 99 }),
      offset: fc.nat(1000),
      length: fc.nat(1000),
    }),
  ),
});

describe('pages', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(
        fc.array(recordArbitrary, { maxLength: 20 }),
        fc.integer({ min: 1, max: 9999 }),
        (records, number) => {
          const plain = records.map((record) => ({
            ...record,
            meta: record.kind !== 'part' && record.meta ? { ...record.meta } : undefined,
          }));
          const page = { number, segment: NO_SEGMENT, records };
          const read = decodePage(encodePage(page), number).records;
          expect(
            read.map((record) => ({
              ...record,
              meta: record.kind !== 'part' && record.meta ? { ...record.meta } : undefined,
            })),
          ).toEqual(plain);
        },
      ),
    );
  });

  test('of any bytes are refused, never trusted', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => decodePage(Buffer.from(bytes), 1)).toThrow(WaybillError);
      }),
    );
  });

  test('that claim more than they hold are refused at once', () => {
    const bytes = encodePage({ number: 1, segment: NO_SEGMENT, records: [] });
    bytes.writeUInt32BE(10_000_000, 12);
    createHash('sha256').update(bytes.subarray(0, 64)).digest().copy(bytes, 64);
    expect(() => decodePage(bytes, 1)).toThrow(/claims more records/);
  });

  test.each(['/etc/passwd', '../x', 'a/../../x', 'a//b', '.', 'a\0b'])(
    'refuse the key %j',
    (name) => {
      const key = Buffer.from(name);
      const record: CatalogRecord = {
        kind: 'file',
        key,
        mode: 0,
        bytes: 0,
        mtimeNs: 0n,
        crc32: 0,
        sha256: Buffer.alloc(32),
        replaces: false,
        meta: undefined,
        extents: [],
      };
      const page = encodePage({ number: 1, segment: NO_SEGMENT, records: [record] });
      expect(() => decodeRecord(page.subarray(0, -32), 64)).toThrow(/key cannot be used/);
    },
  );
});

test('labels and seals of any text are refused with a typed error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(() => parseLabel(text)).toThrow(WaybillError);
      expect(() => readSealLines(Buffer.from(`${text}\n`))).toThrow(WaybillError);
    }),
  );
  expect(() => parseLabel('{"format":"waybill-volume/3"}')).toThrow(/format waybill-volume\/3/);
});

test('a device is locked against a second agent, and a dead one does not hold it', async () => {
  const world = await volumeWorld();
  const lock = lockDevice(world.deviceDir);
  expect(() => lockDevice(world.deviceDir)).toThrow(/another agent/);
  lock.release();
  lockDevice(world.deviceDir).release();
  mkdirSync(join(world.deviceDir, 'waybill'), { recursive: true });
  const gone = spawnSync(process.execPath, ['-e', 'console.log(process.pid)'], {
    encoding: 'utf8',
  });
  const { hostname } = await import('node:os');
  const holder = { pid: Number(gone.stdout), host: hostname(), startedTicks: '1', bootId: '' };
  writeFileSync(join(world.deviceDir, 'waybill/lock.json'), JSON.stringify(holder));
  lockDevice(world.deviceDir).release();
  writeFileSync(
    join(world.deviceDir, 'waybill/lock.json'),
    JSON.stringify({ ...holder, host: 'elsewhere' }),
  );
  expect(() => lockDevice(world.deviceDir)).toThrow(/elsewhere/);
  lockDevice(world.deviceDir, { takeOver: true }).release();
});
