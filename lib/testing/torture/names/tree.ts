import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { AWKWARD_NAMES, seededBytes } from '../../trees.ts';

type Random = () => number;
const below = (random: Random, n: number): number => Math.floor(random() * n);

/** A path below a directory, of bytes. */
export const pathIn = (dir: string, key: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${dir}/`), key]);

const fixed = (name: string | Buffer): Buffer => Buffer.from(name);
const SPECIAL = [
  ...AWKWARD_NAMES,
  ...['A', 'a', '%', '%0A', '\r', '\n', '\r\n', '.waybill-tmp', 'waybill-reports', 'CON', '~'],
  ...['...', '.a', 'a.', ' ', '\t', '\x01', '\x7f', '__proto__', 'constructor', '\ufeff', '\u202e'],
].map(fixed);

/** Bytes that a file system takes as a name. */
function anyName(random: Random): Buffer {
  const choice = random();
  if (choice < 0.35) return SPECIAL[below(random, SPECIAL.length)] ?? fixed('x');
  const length = choice < 0.45 ? 255 : 1 + below(random, 12);
  const text = choice < 0.75;
  const bytes = Buffer.from(
    Array.from({ length }, () => (text ? 0x20 + below(random, 0x5f) : 1 + below(random, 255))),
  ).map((byte) => (byte === 0x2f ? 0x61 : byte));
  const name = Buffer.from(bytes);
  return name.equals(fixed('.')) || name.equals(fixed('..')) ? fixed('dot') : name;
}

/** Seconds since 1970 of files' times: before it, now, after 2038, and in 2200. */
const TIMES = [-1_000_000_000.5, -1.25, 0, 1, 1.6e9 + 0.123456, 2 ** 31 + 5, 7_258_118_400.5];

/** Fills a directory with files under random names, and under an eighth of all one-byte names. */
export function makeNames(dir: string, random: Random): void {
  for (let i = 0; i < 40; i += 1) {
    const parts = Array.from({ length: 1 + below(random, 3) }, () => anyName(random));
    makeOne(dir, Buffer.concat(parts.flatMap((p, n) => (n > 0 ? [fixed('/'), p] : [p]))), random);
  }
  for (let byte = below(random, 8) + 1; byte < 256; byte += 8) {
    if (byte !== 0x2f && byte !== 0x2e) makeOne(dir, Buffer.from([byte]), random);
  }
}

/** Makes a file, a hard link, a sparse file or an empty folder; nothing when the name is taken or too long. */
function makeOne(dir: string, key: Buffer, random: Random): void {
  const path = pathIn(dir, key);
  try {
    const slash = key.lastIndexOf(0x2f);
    if (slash > 0) mkdirSync(pathIn(dir, key.subarray(0, slash)), { recursive: true });
    if (random() < 0.1) {
      mkdirSync(path);
      return;
    }
    writeFileSync(path, seededBytes(below(random, 1e9), below(random, 3) * below(random, 900)), {
      flag: 'wx',
    });
    if (random() < 0.1) truncateSync(path, 2_000_000 + below(random, 1000));
    if (random() < 0.1)
      linkSync(path, Buffer.concat([pathIn(dir, fixed('link-')), fixed(String(random()))]));
    chmodSync(path, below(random, 0o10000));
    const time = TIMES[below(random, TIMES.length)] ?? 0;
    utimesSync(path, time, time);
  } catch {
    // What the file system does not take cannot be at a source.
  }
}

/** A chain of folders whose paths outgrow PATH_MAX: made step by step, as `cd` would. */
export function makeDeep(dir: string, levels: number): void {
  let fd = openSync(dir, 'r');
  for (let i = 0; i < levels; i += 1) {
    const next = `/proc/self/fd/${fd}/${'d'.repeat(200)}`;
    mkdirSync(next);
    const below = openSync(next, 'r');
    closeSync(fd);
    fd = below;
  }
  writeFileSync(`/proc/self/fd/${fd}/bottom`, 'deep');
  closeSync(fd);
}
