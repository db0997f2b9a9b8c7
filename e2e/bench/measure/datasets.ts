import { createCipheriv, createHash } from 'node:crypto';
import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as letOthersRun } from 'node:timers/promises';
import { KB, MiB } from '../../../lib/domain/sizes.ts';

/** Files of one kind: how many, and between which sizes in bytes. */
export interface FileGroup {
  count: number;
  bytesMin: number;
  bytesMax: number;
}

/** What each data set holds, and what of it is left with `--quick`. */
export const DATA_SETS = {
  large: {
    groups: [{ count: 4, bytesMin: 512 * MiB, bytesMax: 512 * MiB }],
    quick: [{ count: 4, bytesMin: 48 * MiB, bytesMax: 48 * MiB }],
  },
  small: {
    groups: [{ count: 50_000, bytesMin: KB, bytesMax: 20 * KB }],
    quick: [{ count: 3000, bytesMin: KB, bytesMax: 20 * KB }],
  },
  mixed: {
    groups: [
      { count: 20_000, bytesMin: KB, bytesMax: 20 * KB },
      { count: 200, bytesMin: MiB, bytesMax: 8 * MiB },
      { count: 2, bytesMin: 256 * MiB, bytesMax: 256 * MiB },
    ],
    quick: [
      { count: 1000, bytesMin: KB, bytesMax: 20 * KB },
      { count: 10, bytesMin: MiB, bytesMax: 8 * MiB },
      { count: 2, bytesMin: 32 * MiB, bytesMax: 32 * MiB },
    ],
  },
} as const satisfies Record<string, { groups: FileGroup[]; quick: FileGroup[] }>;
export type DataSetName = keyof typeof DATA_SETS;

/** A tree of files. */
export interface DataSet {
  name: string;
  dir: string;
  files: number;
  bytes: number;
}

const FILES_A_FOLDER = 50;
const FOLDERS_A_FOLDER = 20;
const SEED = 'waybill-bench/1';
const SIGNAL_EVERY = 64 * MiB;

/**
 * Writes a tree of files in nested folders. The same groups give the same bytes; no two files share any, so
 * that neither compression nor deduplication helps anybody.
 */
export async function makeDataSet(
  name: string,
  dir: string,
  groups: readonly FileGroup[],
): Promise<DataSet> {
  const stream = seededStream(`${SEED}/${name}`);
  let [files, bytes] = [0, 0];
  let lastFolder = '';
  for (const [kind, group] of groups.entries()) {
    for (let i = 0; i < group.count; i += 1) {
      const path = join(dir, pathOf(kind, i));
      if (dirname(path) !== lastFolder) {
        lastFolder = dirname(path);
        mkdirSync(lastFolder, { recursive: true });
      }
      const span = group.bytesMax - group.bytesMin + 1;
      const size = group.bytesMin + Math.floor(stream.fraction() * span);
      if (i % FILES_A_FOLDER === 0 || size > MiB) await letOthersRun();
      await writeSeeded(path, size, stream);
      files += 1;
      bytes += size;
    }
  }
  return { name, dir, files, bytes };
}

function pathOf(kind: number, i: number): string {
  const folder = Math.floor(i / FILES_A_FOLDER);
  const outer = Math.floor(folder / FOLDERS_A_FOLDER);
  const parts = [`kind-${kind}`, `set-${outer}`, `folder-${folder % FOLDERS_A_FOLDER}`];
  return join(...parts, `file-${String(i).padStart(7, '0')}.bin`);
}

interface SeededStream {
  next(bytes: number): Buffer;
  /** From 0 up to, but not, 1. */
  fraction(): number;
}

/** The key stream of AES-128-CTR under the hash of a seed: the same everywhere, and fast. */
function seededStream(seed: string): SeededStream {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(MiB);
  const next = (bytes: number) => cipher.update(zeros.subarray(0, bytes));
  return { next, fraction: () => next(4).readUInt32BE() / 2 ** 32 };
}

async function writeSeeded(path: string, size: number, stream: SeededStream): Promise<void> {
  const file = openSync(path, 'w');
  try {
    for (let left = size; left > 0; left -= MiB) {
      writeSync(file, stream.next(Math.min(left, MiB)));
      // So that Ctrl-C is heard.
      if (left % SIGNAL_EVERY === 0) await letOthersRun();
    }
  } finally {
    closeSync(file);
  }
}

export interface TreeSize {
  files: number;
  bytes: number;
}

/** Counts the regular files below a directory and their bytes. */
export function sizeOfTree(dir: string): TreeSize {
  let [files, bytes] = [0, 0];
  const waiting = [dir];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      else if (entry.isFile()) {
        files += 1;
        bytes += lstatSync(path).size;
      }
    }
  }
  return { files, bytes };
}

const BLOCK = 4096;
const INODE_BYTES = 1536;

/** Room that so many files take in a file system, roughly. Bytes. */
export const roomOf = ({ files, bytes }: TreeSize): number =>
  bytes + files * (BLOCK / 2 + INODE_BYTES);

/** What groups will come to, on average. */
export const expectedSize = (groups: readonly FileGroup[]): TreeSize => ({
  files: groups.reduce((sum, { count }) => sum + count, 0),
  bytes: groups.reduce(
    (sum, { count, bytesMin, bytesMax }) => sum + (count * (bytesMin + bytesMax)) / 2,
    0,
  ),
});
