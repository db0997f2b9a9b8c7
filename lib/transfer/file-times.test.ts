import { execFileSync } from 'node:child_process';
import { lstatSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { volumeWorld } from '../testing/volume-world.ts';
import { decodeRecord, encodeRecord, recordBytes } from '../volume/catalog/records.ts';
import { VOLUME_LAYOUTS } from '../volume/layout.ts';
import { sealVolume } from './verify/seal.ts';

const NS = 1_000_000_000n;
/** Seconds since 1970: every file system of the tests has them. */
const TIMES = [
  '-1',
  '-1.5',
  '-999999999.876543',
  '-0.000001',
  '0',
  '1700000000.123456',
  '4102444800',
];
/** ext4 has them and 64 bits of nanoseconds have not. */
const FAR = ['10413795600', '15000000000'];

const timeOf = (path: string): bigint => lstatSync(path, { bigint: true }).mtimeNs;

test.each([
  ['sealed', 'waybill-volume/1'],
  ['sealed', 'waybill-volume/2'],
  ['bag', 'waybill-volume/1'],
] as const)('files of any time come back with it: %s, %s', async (kind, format) => {
  const world = await volumeWorld(kind, undefined, format);
  const expected = [...TIMES, ...FAR].map((time, i) => {
    const path = join(world.source, `f${i}`);
    writeFileSync(path, `${i}`);
    utimesSync(path, time, time);
    return timeOf(path) / 1000n;
  });
  expect(expected.filter((micros) => micros < 0n)).toHaveLength(4);
  expect(expected.filter((micros) => micros > 9_223_372_036_854_775n)).toHaveLength(2);
  expect(await world.load()).toMatchObject({ objects: expected.length, failed: 0 });
  // What is on the volume is known by its time.
  expect(await world.load()).toMatchObject({ alreadyDone: expected.length });
  await sealVolume(world);
  await world.unload();
  const restored = expected.map((_, i) => timeOf(join(world.bucketDir, `f${i}`)) / 1000n);
  expect(restored).toEqual(expected);
});

test('a time with nanoseconds before 1970 is in the record, and in the file to the microsecond', async () => {
  const world = await volumeWorld();
  const path = join(world.source, 'old');
  writeFileSync(path, 'x');
  execFileSync('touch', ['-d', '@-1000.000000001', path]);
  const time = timeOf(path);
  expect(time).toBe(-1000n * NS - 1n);
  await world.load();
  await sealVolume(world);
  await world.unload();
  expect(timeOf(join(world.bucketDir, 'old'))).toBe(-1000n * NS - 1000n);
});

test.each(['waybill-volume/1', 'waybill-volume/2'] as const)(
  'a record of %s holds the times of all file systems, and what else it says',
  (format) => {
    const layout = VOLUME_LAYOUTS[format];
    for (const mtimeNs of [
      2n ** 63n,
      -(2n ** 63n) - 1n,
      2n ** 63n - 1n,
      2n ** 62n * NS + 1n,
      -7n,
    ]) {
      const record = {
        kind: 'file',
        key: Buffer.from('a'),
        mode: 0o644,
        bytes: 0,
        mtimeNs,
        crc32: 0,
        sha256: Buffer.alloc(32),
        extents: [],
        replaces: false,
        meta: { other: 1, waybill: { contentType: 'text/plain' } },
      } as const;
      const page = Buffer.alloc(recordBytes({ ...record, extents: [] }, layout));
      expect(encodeRecord({ ...record, extents: [] }, page, 0, layout)).toBe(page.length);
      const { item } = decodeRecord(page, 0, layout);
      expect(item).toMatchObject({ mtimeNs, meta: record.meta });
    }
  },
);
