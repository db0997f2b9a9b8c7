import { createHash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { printableKey } from '../../domain/report.ts';
import { MARKER_FILE } from '../../stores/local/bucket-marker.ts';

/** Names are bytes: paths are kept as latin1 text, one character a byte. */
const bytesOf = (path: string): Buffer => Buffer.from(path, 'latin1');
const textOf = (bytes: Buffer): string => bytes.toString('latin1');

const CHUNK = Buffer.alloc(1024 * 1024);

/** Regular files below a directory, as paths relative to it; an empty directory is a path that ends in a slash. */
export function* filesBelow(root: string, below = ''): Generator<string> {
  const dir = Buffer.concat([Buffer.from(root), bytesOf(below ? `/${below}` : '')]);
  const names = readdirSync(dir, { encoding: 'buffer' }).sort(Buffer.compare);
  if (names.length === 0 && below) yield `${below}/`;
  for (const name of names) {
    const path = below ? `${below}/${textOf(name)}` : textOf(name);
    const stat = lstatSync(Buffer.concat([Buffer.from(`${root}/`), bytesOf(path)]));
    if (stat.isDirectory()) yield* filesBelow(root, path);
    else if (stat.isFile()) yield path;
  }
}

/** Files below a destination that are data: not those that start with `except`, and not what marks a bucket. */
export function* dataBelow(destination: string, except: string): Generator<string> {
  for (const path of filesBelow(destination))
    if (path !== MARKER_FILE && !path.startsWith(except)) yield path;
}

/** SHA-256 of a file, hex, by its path as `filesBelow` gives it; undefined when it is not there. A directory has none, but is there. */
export function digestOf(root: string, path: string): string | undefined {
  if (path.endsWith('/')) {
    const at = Buffer.concat([Buffer.from(`${root}/`), bytesOf(path.slice(0, -1))]);
    return lstatSync(at, { throwIfNoEntry: false })?.isDirectory() ? 'directory' : undefined;
  }
  let fd: number;
  try {
    fd = openSync(Buffer.concat([Buffer.from(`${root}/`), bytesOf(path)]), 'r');
  } catch {
    return undefined;
  }
  try {
    const hash = createHash('sha256');
    for (;;) {
      const length = readSync(fd, CHUNK, 0, CHUNK.length, null);
      if (length === 0) return hash.digest('hex');
      hash.update(CHUNK.subarray(0, length));
    }
  } finally {
    closeSync(fd);
  }
}

export interface Comparison {
  /** Files that are the same on both sides. */
  same: number;
  /** Paths that are missing, extra or different, as they are printed; the first hundred. */
  mismatches: string[];
  mismatchCount: number;
  /** Notes a mismatch. */
  add(path: string): void;
}

/** A comparison before its first file. */
export const noDifference = (): Comparison => ({
  same: 0,
  mismatches: [],
  mismatchCount: 0,
  add(path) {
    this.mismatchCount += 1;
    if (this.mismatches.length < 100) this.mismatches.push(path);
  },
});

/**
 * Compares every regular file of two directories byte by byte, by SHA-256, in both directions. Paths of the
 * destination that start with `except` are not part of the data.
 */
export function compareTrees(source: string, destination: string, except: string): Comparison {
  const result = noDifference();
  const mismatch = (path: string) => result.add(printableKey(bytesOf(path)));
  const seen = new Set<string>();
  for (const path of filesBelow(source)) {
    seen.add(path);
    const wanted = digestOf(source, path);
    if (wanted !== undefined && wanted === digestOf(destination, path)) result.same += 1;
    else mismatch(path);
  }
  for (const path of dataBelow(destination, except)) if (!seen.has(path)) mismatch(path);
  return result;
}
