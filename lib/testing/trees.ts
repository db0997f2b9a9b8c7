import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A small, fast, seeded generator (mulberry32), so that a failing tree can be made again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bytes that do not compress and differ by seed. */
export function seededBytes(seed: number, length: number): Buffer {
  const random = seeded(seed);
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 4) {
    const word = Math.floor(random() * 2 ** 32);
    for (let i = 0; i < 4 && at + i < length; i += 1) bytes[at + i] = (word >>> (8 * i)) & 0xff;
  }
  return bytes;
}

/** Writes a tree of so many files, 0 to `bytesMax` bytes each, in nested folders. */
export function makeTree(
  dir: string,
  options: { seed: number; files: number; bytesMax: number },
): void {
  const random = seeded(options.seed);
  for (let i = 0; i < options.files; i += 1) {
    const depth = Math.floor(random() * 3);
    const folders = Array.from({ length: depth }, () => `d${Math.floor(random() * 4)}`);
    const path = join(dir, ...folders, `file-${i}.bin`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      seededBytes(options.seed + i, Math.floor(random() * (options.bytesMax + 1))),
    );
  }
}

/** Names that are legal and awkward. */
export const AWKWARD_NAMES = [
  ' leading and trailing ',
  'new\nline',
  'carriage\rreturn',
  'tab\tname',
  "quote'single",
  'quote"double',
  'back\\slash',
  '-rf',
  '%41%2F',
  '…',
  '.hidden',
  'ünïcödé-日本語-😀',
  'a'.repeat(255),
  '*?[x]$(y)`z`',
];

/** Writes a file under every awkward name, an empty file, an empty folder and a deep path. */
export function makeAwkwardTree(dir: string): void {
  for (const [i, name] of AWKWARD_NAMES.entries())
    writeFileSync(join(dir, name), seededBytes(i, 100 + i));
  writeFileSync(join(dir, 'empty'), '');
  mkdirSync(join(dir, 'empty-folder'));
  const deep = join(dir, ...Array.from({ length: 40 }, (_, i) => `level-${i}`));
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, 'bottom'), 'deep');
}

/** What a store keeps in its bucket besides the objects. */
const OWN_NAMES = ['.waybill-tmp', '.waybill-store'];

/** What a tree holds: path → SHA-256 of its bytes; an empty folder ends in `/`. Reports are not part of it. */
export function snapshot(dir: string, under = ''): Map<string, string> {
  const found = new Map<string, string>();
  const names = readdirSync(join(dir, under)).filter((name) => !OWN_NAMES.includes(name));
  if (names.length === 0 && under) found.set(`${under}/`, '');
  for (const name of names) {
    const path = under ? `${under}/${name}` : name;
    const stat = lstatSync(join(dir, path));
    if (stat.isDirectory()) for (const [k, v] of snapshot(dir, path)) found.set(k, v);
    else if (stat.isFile())
      found.set(
        path,
        createHash('sha256')
          .update(readFileSync(join(dir, path)))
          .digest('hex'),
      );
  }
  return found;
}
