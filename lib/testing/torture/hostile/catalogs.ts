import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Extent } from '../../../volume/catalog/records.ts';
import type { VolumeFormat } from '../../../volume/layout.ts';
import type { VolumeWorld } from '../../volume-world.ts';
import { type ForgedPage, type Forgery, forge, GOOD, object, wholeSegment } from './forge.ts';

/** A volume that lies, and what must come of it. */
export interface HostileCase {
  name: string;
  make(world: VolumeWorld): void;
  /** The first one when missing. */
  format?: VolumeFormat;
  /** `refused`: the whole volume; `failed`: so many objects, and the honest one lands; `lands`: all do; `any` of these. */
  outcome: 'refused' | 'lands' | 'any' | { failed: number };
}

const good = wholeSegment(1, 'good');
const here: Extent = { segment: 2, offset: 0, length: GOOD.length };

/** An honest page, and one with these. */
function withPage(page: Partial<ForgedPage>, rest: Partial<Forgery> = {}): HostileCase['make'] {
  const evil = { ...wholeSegment(2, 'evil'), ...page };
  return (world) => forge(world, { pages: [good, evil], ...rest });
}

const keyCase = (key: string | Buffer, outcome: HostileCase['outcome']): HostileCase => ({
  name: `the key ${JSON.stringify(key.toString().slice(0, 40))}`,
  make: withPage({ records: [object(key, GOOD, [here])] }),
  outcome,
});

/** Keys that no page may have are put into its bytes by hand. */
function patchedKey(key: string): HostileCase {
  const stand = 'x'.repeat(Buffer.byteLength(key));
  return {
    name: `the key ${JSON.stringify(key)}`,
    make: withPage({
      records: [object(stand, GOOD, [here])],
      patch: (page) => {
        Buffer.from(key).copy(page, RECORD + 68);
        return page;
      },
    }),
    outcome: { failed: 1 },
  };
}

/** Where the first record of a page begins, and its fields. */
const RECORD = 64;

function patched(
  name: string,
  patch: (page: Buffer) => void,
  outcome: HostileCase['outcome'] = { failed: 1 },
): HostileCase {
  const change = (page: Buffer) => {
    patch(page);
    return page;
  };
  return { name, make: withPage({ patch: change }), outcome };
}

const KEYS: HostileCase[] = [
  ...['../escape', '/absolute', 'a//b', 'a/../../b', './a', '..', 'nul\0byte', 'a/..'].map(
    patchedKey,
  ),
  keyCase('k'.repeat(300), { failed: 1 }),
  keyCase('deep/'.repeat(300).slice(0, -1), { failed: 1 }),
  keyCase(Buffer.from([0x61, 0xff]), { failed: 1 }),
  keyCase('.waybill-tmp/x', { failed: 1 }),
  keyCase('.waybill-tmp', { failed: 1 }),
  keyCase('__proto__', 'lands'),
  keyCase('good/below', { failed: 1 }),
  {
    name: 'a key that goes through a symbolic link of the store',
    make: (world) => {
      symlinkSync(join(world.dir, 'outside'), join(world.bucketDir, 'link'));
      withPage({ records: [object('link/x', GOOD, [here])] })(world);
    },
    outcome: { failed: 1 },
  },
  {
    name: 'a key where the store has a symbolic link',
    make: (world) => {
      symlinkSync(join(world.dir, 'outside/secret'), join(world.bucketDir, 'link'));
      withPage({ records: [object('link', GOOD, [here])] })(world);
    },
    outcome: { failed: 1 },
  },
  {
    name: 'a directory under the key of a file',
    make: withPage({ records: [object('good/', Buffer.alloc(0), [], { kind: 'directory' })] }),
    outcome: { failed: 1 },
  },
  {
    name: 'one key twice in a page',
    make: withPage({ records: [object('evil', GOOD, [here]), object('evil', GOOD, [here])] }),
    outcome: 'refused',
  },
  { name: 'one key in two pages', make: withPage(wholeSegment(2, 'good')), outcome: 'refused' },
];

const NUMBERS: HostileCase[] = [
  patched('10 million records in a small page', (page) => page.writeUInt32BE(10_000_000, 12)),
  patched('four thousand million extents', (page) => page.writeUInt32BE(0xffffffff, RECORD + 60)),
  patched('metadata of 4 GiB', (page) => page.writeUInt32BE(0xffffffff, RECORD + 64)),
  patched('a key of 65,535 bytes', (page) => page.writeUInt16BE(0xffff, RECORD + 2)),
  patched('no key', (page) => page.writeUInt16BE(0, RECORD + 2)),
  patched('an unknown kind', (page) => page.writeUInt8(9, RECORD)),
  patched('a size of 2^63', (page) => page.writeBigUInt64BE(2n ** 63n, RECORD + 8)),
  patched('a size of -1', (page) => page.writeBigInt64BE(-1n, RECORD + 8)),
  patched('a size of 2^53 - 1', (p) => p.writeBigUInt64BE(2n ** 53n - 1n, RECORD + 8), 'refused'),
  patched('a time of -2^63', (page) => page.writeBigInt64BE(-(2n ** 63n), RECORD + 16), 'lands'),
  patched('a time of 2^63 - 1', (p) => p.writeBigInt64BE(2n ** 63n - 1n, RECORD + 16), 'lands'),
  patched('every bit of the mode', (page) => page.writeUInt32BE(0xffffffff, RECORD + 4), 'lands'),
  patched('another number', (page) => page.writeUInt32BE(3, 8)),
  patched('a segment of 2^64 - 1 bytes', (page) => page.writeBigInt64BE(-1n, 16), 'lands'),
];

const extents = (name: string, list: Extent[], outcome: HostileCase['outcome']): HostileCase => ({
  name,
  make: withPage({
    records: [object('evil', Buffer.concat(list.map(() => GOOD)), list)],
    claims: 10_000,
  }),
  outcome,
});

/** Bytes that lie in the segment once and in the object many times. */
function bomb(name: string, records: ForgedPage['records'], outcome: HostileCase['outcome']) {
  return { name, make: withPage({ records, plaintext: Buffer.alloc(1024 * 1024, 7) }), outcome };
}

const MEBI = Buffer.alloc(1024 * 1024, 7);
const everything: Extent = { segment: 2, offset: 0, length: MEBI.length };
const singles = (count: number, step: number): Extent[] =>
  Array.from({ length: count }, (_, i) => ({ segment: 2, offset: i * step, length: 1 }));

const empties = (count: number) =>
  Array.from({ length: count }, (_, i) => object(`${i}`, Buffer.alloc(0), []));

const EXTENTS: HostileCase[] = [
  extents('a segment that is not there', [{ ...here, segment: 77 }], { failed: 1 }),
  extents('bytes behind the end of a segment', [{ ...here, offset: 5000 }], { failed: 1 }),
  extents('overlapping extents', [here, here, here], 'lands'),
  extents('segment 0', [{ ...here, segment: 0 }], { failed: 1 }),
  extents('an offset of 2^52', [{ ...here, offset: 2 ** 52 }], { failed: 1 }),
  {
    name: 'a hundred thousand empty extents',
    make: withPage({
      records: [object('evil', GOOD, [...Array(100_000).fill({ ...here, length: 0 }), here])],
    }),
    outcome: 'lands',
  },
  bomb(
    'one byte two million times',
    [object('evil', Buffer.alloc(2_000_000, 7), singles(2_000_000, 0))],
    // A page of 40 MB is no page; it costs what it names.
    { failed: 1 },
  ),
  bomb(
    '700,000 extents of one byte',
    [object('evil', MEBI.subarray(0, 700_000), singles(700_000, 1))],
    'lands',
  ),
  bomb(
    'a hundred objects of the same bytes',
    Array.from({ length: 100 }, (_, i) => object(`evil-${i}`, MEBI, [everything])),
    'refused',
  ),
  {
    name: 'the same bytes 400 times, and a page that is not there',
    make: withPage(
      {
        records: Array.from({ length: 400 }, (_, i) => object(`evil-${i}`, MEBI, [everything])),
        plaintext: MEBI,
      },
      { lines: withLostPage },
    ),
    outcome: 'refused',
  },
  {
    name: 'more records in a page than it may have',
    make: withPage({ records: empties(180_000) }),
    outcome: { failed: 180_000 },
  },
  {
    name: 'as many records in a page as it may have',
    // To unload them all would only take time: the seal says that there are fewer.
    make: withPage(
      { records: empties(131_072) },
      { lines: ([head, ...rest]) => [{ ...head, objects: 1 }, ...rest] },
    ),
    outcome: 'refused',
  },
  {
    name: 'wrong checksums',
    make: withPage({ records: [object('evil', GOOD, [here], { crc32: 1 })] }),
    outcome: { failed: 1 },
  },
];

function withLostPage(lines: Record<string, unknown>[]): unknown[] {
  const [head, ...rest] = lines;
  const lost = { page: 9, digest: 'a'.repeat(64), segment: 'b'.repeat(64) };
  return [{ ...head, pages: 3 }, ...rest, lost];
}

const MANY: HostileCase[] = [
  {
    name: '5,000 pages that the seal does not name',
    make: (world) => {
      withPage({})(world);
      for (let i = 10; i < 5010; i += 1)
        writeFileSync(
          join(world.deviceDir, `waybill/catalog/${String(i).padStart(6, '0')}.cat`),
          '',
        );
    },
    // Strays are named, and nothing of them is used.
    outcome: 'lands',
  },
  {
    name: '5,000 files of other names in the catalog',
    make: (world) => {
      withPage({})(world);
      for (let i = 0; i < 5000; i += 1)
        writeFileSync(join(world.deviceDir, `waybill/catalog/${i}.cat.x`), '');
    },
    outcome: 'lands',
  },
];

export const HOSTILE_CATALOGS: HostileCase[] = [...KEYS, ...NUMBERS, ...EXTENTS, ...MANY];
