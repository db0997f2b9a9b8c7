import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { signCms } from '../../../keys/cms.ts';
import type { VolumeWorld } from '../../volume-world.ts';
import type { HostileCase } from './catalogs.ts';
import { forge, GOOD, wholeSegment } from './forge.ts';

type Lines = Record<string, unknown>[];
const pages = [wholeSegment(1, 'good'), wholeSegment(2, 'evil')];

const sealCase = (
  name: string,
  lines: (lines: Lines) => unknown[],
  outcome: HostileCase['outcome'] = 'refused',
): HostileCase => ({ name, make: (world) => forge(world, { pages, lines }), outcome });

const head = (changes: object) => (lines: Lines) => [
  { ...lines[0], ...changes },
  ...lines.slice(1),
];
const omitted = { omitted: 'eA==', code: 'SymlinkSkipped', message: 'left out' };

const SEALS: HostileCase[] = [
  sealCase('pages out of order', ([first, a, b]) => [first, b, a]),
  sealCase('a page twice', ([first, a]) => [first, a, a]),
  sealCase('a page that it does not name', ([first, a]) => [{ ...first, pages: 1 }, a]),
  sealCase('more pages than it names', head({ pages: 2 ** 50 })),
  sealCase('a negative number of pages', head({ pages: -1 })),
  sealCase('fewer objects than there are', head({ objects: 1 })),
  sealCase('more bytes than fit on a device', head({ bytes: 2 ** 53 - 1 })),
  sealCase('another job', head({ jobId: 'JID-other' })),
  sealCase('another device', head({ deviceId: 'DEV-2' })),
  sealCase('another format', head({ format: 'waybill-seal/2' })),
  sealCase('no facts of the load', head({ load: null })),
  sealCase('a load that is an array', head({ load: [] })),
  sealCase('a text of 5 MB', head({ sealedAt: 'x'.repeat(5_000_000) })),
  sealCase(
    '100,000 lines of omitted objects',
    (l) => [...l, ...Array(100_000).fill(omitted)],
    'lands',
  ),
  sealCase('the error "constructor"', (l) => [...l, { ...omitted, code: 'constructor' }]),
  sealCase('the error "__proto__"', (l) => [...l, { ...omitted, code: '__proto__' }]),
  sealCase('all records replaced', ([f, a, b]) => [f, a, { ...b, replaced: [0] }]),
  sealCase(
    'a million replaced records',
    ([f, a, b]) => [
      ...[f, a],
      { ...b, replaced: Array.from({ length: 1_000_000 }, (_, i) => i + 5) },
    ],
    'lands',
  ),
  sealCase('replaced records out of order', ([f, a, b]) => [f, a, { ...b, replaced: [7, 5] }]),
  ...[
    ['prototype keys', '{"__proto__":{"pages":0},"constructor":{"prototype":1}}\n'],
    ['nesting', `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}\n`],
    ['no JSON', 'hello\n'],
    ['no line end', '{}'],
    ['nothing', ''],
    ['300,000 empty lines', '\n'.repeat(300_000)],
    ['300,000 empty objects', '{}\n'.repeat(300_000)],
  ].map(
    ([name, body]): HostileCase => ({
      name: `a seal of ${name}`,
      make: (world) => forge(world, { pages, body: () => Buffer.from(body ?? '') }),
      outcome: 'refused',
    }),
  ),
];

/** DER that is small and takes much to parse. */
const deep = (levels: number): Buffer => {
  let der = Buffer.alloc(0);
  for (let i = 0; i < levels; i += 1) {
    const header = Buffer.from([0x30, 0x84, 0, 0, 0, 0]);
    header.writeUInt32BE(der.length, 2);
    der = Buffer.concat([header, der]);
  }
  return der;
};
function wide(bytes: number): Buffer {
  const body = Buffer.alloc(bytes);
  for (let i = 0; i < bytes; i += 2) body[i] = 0x05;
  const header = Buffer.from([0x30, 0x84, 0, 0, 0, 0]);
  header.writeUInt32BE(body.length, 2);
  return Buffer.concat([header, body]);
}

const honest = (world: VolumeWorld) => forge(world, { pages });

const replaceCase = (
  name: string,
  path: string,
  how: (path: string, world: VolumeWorld) => void,
  outcome: HostileCase['outcome'] | undefined,
): HostileCase => ({
  name: `${name} as ${path}`,
  make: (world) => {
    honest(world);
    how(join(world.deviceDir, path), world);
  },
  outcome: outcome ?? 'refused',
});

const write = (content: () => Buffer) => (path: string) => writeFileSync(path, content());
const sparse = (bytes: number) => (path: string) => {
  writeFileSync(path, '');
  truncateSync(path, bytes);
};

const SIGNATURE = 'waybill/seal.cms';
const GIB = 2 ** 30;
const FILES: HostileCase[] = [
  replaceCase(
    '5,000 nested sequences',
    SIGNATURE,
    write(() => deep(5000)),
    'refused',
  ),
  replaceCase(
    'half a million elements',
    SIGNATURE,
    write(() => wide(1_000_000)),
    'refused',
  ),
  replaceCase('a sparse file of 1 GiB', SIGNATURE, sparse(GIB), 'refused'),
  replaceCase('a sparse file of 1 GiB', 'waybill/seal.bin', sparse(GIB), 'refused'),
  replaceCase('a sparse file of 1 GiB', 'waybill/label.json', sparse(GIB), 'lands'),
  replaceCase('a sparse file of 1 TiB', 'waybill/lock.json', sparse(2 ** 40), 'lands'),
  replaceCase('a sparse file of 1 TiB', 'waybill/catalog/000002.cat', sparse(2 ** 40), {
    failed: 1,
  }),
  replaceCase('a sparse file of 1 TiB', 'waybill/segments/000000/000002.seg', sparse(2 ** 40), {
    failed: 1,
  }),
  replaceCase(
    'another id',
    'waybill/label.json',
    (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('DEV-1', 'DEV-9')),
    // The copies of the label are those of the job.
    'lands',
  ),
  replaceCase(
    'a signature of something else',
    SIGNATURE,
    (path, { signer }) => {
      const content = Buffer.from('something else');
      writeFileSync(path, signCms({ content, ...signer, detached: false, now: new Date() }));
    },
    'refused',
  ),
];

/** What may lie in the place of a file or directory. */
const STAND_INS: Record<string, (path: string, world: VolumeWorld) => void> = {
  'a link to the very file': (path, world) => {
    renameSync(path, join(world.dir, 'moved'));
    symlinkSync(join(world.dir, 'moved'), path);
  },
  'a broken link': (path) => replace(path, () => symlinkSync('nowhere', path)),
  'a link to itself': (path) => replace(path, () => symlinkSync(path, path)),
  'a link to /dev/zero': (path) => replace(path, () => symlinkSync('/dev/zero', path)),
  'a FIFO': (path) => replace(path, () => void spawnSync('mkfifo', [path])),
  'a socket': (path) => replace(path, () => createServer().listen(path).unref()),
  'a directory': (path) => replace(path, () => mkdirSync(path)),
  'a file': (path) => replace(path, () => writeFileSync(path, GOOD)),
};

function replace(path: string, by: () => void): void {
  rmSync(path, { recursive: true, force: true });
  by();
}

const PLACES = [
  ...['waybill', 'waybill/label.json', 'waybill/lock.json', 'waybill/seal.bin', SIGNATURE],
  ...['waybill/catalog', 'waybill/catalog/000002.cat', 'waybill/segments'],
  ...['waybill/segments/000000', 'waybill/segments/000000/000002.seg'],
];

/** Whatever it is, it is refused or costs no more than what it stands for. */
const IN_PLACE: HostileCase[] = PLACES.flatMap((place) =>
  Object.entries(STAND_INS).map(
    ([name, how]): HostileCase => ({
      name: `${name} as ${place}`,
      make: (world) => {
        honest(world);
        // Only an agent that works there makes it.
        if (place.endsWith('lock.json')) writeFileSync(join(world.deviceDir, place), '{}');
        how(join(world.deviceDir, place), world);
      },
      outcome: 'any',
    }),
  ),
);

export const HOSTILE_SEALS: HostileCase[] = [...SEALS, ...FILES, ...IN_PLACE];
