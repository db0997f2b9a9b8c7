import type { BigIntStats } from 'node:fs';
import { accessSync, constants, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { type ErrorCode, WaybillError } from '../domain/errors.ts';
import { errnoOf } from '../volume/durable.ts';
import type { ScanEntry } from './scan-list.ts';

export type SymlinkPolicy = 'skip' | 'follow';

/** Something of the source that is not copied, and why. */
export interface ScanProblem {
  key: Buffer;
  code: ErrorCode;
  facts?: Record<string, string>;
}

export type ScanItem = { entry: ScanEntry } | { problem: ScanProblem };

const SLASH = Buffer.from('/');

/**
 * Walks a tree in byte order, folder by folder: files, empty folders, and what cannot be copied. Memory grows
 * with the largest folder. `root` must be a directory.
 */
export function* scanTree(root: string, symlinks: SymlinkPolicy): Generator<ScanItem> {
  const base = Buffer.from(root.endsWith('/') ? root : `${root}/`);
  yield* walk({ base, symlinks, mayLackRights: process.getuid?.() !== 0 }, Buffer.alloc(0), [
    realPath(base),
  ]);
}

interface Walk {
  base: Buffer;
  symlinks: SymlinkPolicy;
  /** Only then is it worth asking whether each file can be read. */
  mayLackRights: boolean;
}

function* walk(on: Walk, folder: Buffer, ancestors: string[]): Generator<ScanItem> {
  const path = Buffer.concat([on.base, folder]);
  let names: Buffer[];
  try {
    names = readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare);
    if (names.length === 0 && folder.length > 0)
      yield { entry: entryOf(folder, lstatSync(path, { bigint: true })) };
  } catch (error) {
    yield { problem: readProblem(folder, error) };
    return;
  }
  for (const name of names) yield* item(on, Buffer.concat([folder, name]), ancestors);
}

/** The path behind symbolic links, one character a byte: text would change names that are not UTF-8. */
const realPath = (path: Buffer): string =>
  realpathSync.native(path, { encoding: 'buffer' }).toString('latin1');

function* item(on: Walk, key: Buffer, ancestors: string[]): Generator<ScanItem> {
  const path = Buffer.concat([on.base, key]);
  let stat: BigIntStats;
  let inside = ancestors;
  try {
    stat = lstatSync(path, { bigint: true });
    if (stat.isSymbolicLink()) {
      if (on.symlinks === 'skip') {
        yield { problem: { key, code: 'SymlinkSkipped' } };
        return;
      }
      stat = statSync(path, { bigint: true });
      if (stat.isDirectory()) {
        const real = realPath(path);
        if (ancestors.some((ancestor) => ancestor === real || ancestor.startsWith(`${real}/`))) {
          yield { problem: { key, code: 'SymlinkLoop' } };
          return;
        }
      }
    }
    // Without links nothing leads back.
    if (stat.isDirectory() && on.symlinks === 'follow') inside = [...ancestors, realPath(path)];
    if (stat.isFile() && on.mayLackRights) accessSync(path, constants.R_OK);
  } catch (error) {
    yield { problem: linkProblem(key, error) };
    return;
  }
  if (stat.isFile()) yield { entry: entryOf(key, stat) };
  else if (stat.isDirectory()) yield* walk(on, Buffer.concat([key, SLASH]), inside);
  else yield { problem: { key, code: 'UnsupportedFileType', facts: { type: typeName(stat) } } };
}

const entryOf = (key: Buffer, stat: BigIntStats) => ({
  key,
  bytes: stat.isFile() ? Number(stat.size) : 0,
  mtimeNs: stat.mtimeNs,
  mode: Number(stat.mode) & 0o7777,
  replaces: false,
  unsettled: isUnsettled(stat.mtimeNs),
});

/** Linux stamps files with the time of its last timer tick, up to 10 ms ago; a margin for slow ticks. */
export const SETTLING_MS = 25;

/** Whether a file was written so lately that another write within the same tick leaves its time as it is. */
export function isUnsettled(mtimeNs: bigint): boolean {
  const age = Date.now() - Number(mtimeNs / 1_000_000n);
  return age >= 0 && age < SETTLING_MS;
}

function linkProblem(key: Buffer, error: unknown): ScanProblem {
  const errno = errnoOf(error);
  if (errno === 'ELOOP') return { key, code: 'SymlinkLoop' };
  const path = error instanceof Error && 'syscall' in error ? error.syscall : '';
  if (errno === 'ENOENT' && path === 'stat') return { key, code: 'SymlinkBroken' };
  return readProblem(key, error);
}

/** What a file system error on an object of the source means. Errors of other kinds are bugs and thrown on. */
export function readProblem(key: Buffer, error: unknown): ScanProblem {
  const errno = errnoOf(error);
  if (errno === undefined) throw error;
  if (errno === 'EMFILE' || errno === 'ENFILE')
    throw new WaybillError('HostLimit', { detail: errno }, { cause: error });
  if (errno === 'ENOENT' || errno === 'ENOTDIR') return { key, code: 'ObjectVanished' };
  return { key, code: 'ObjectUnreadable', facts: { detail: errno } };
}

/** The word for a file that is neither file nor directory. */
export function typeName(stat: {
  isFIFO(): boolean;
  isSocket(): boolean;
  isBlockDevice(): boolean;
}): string {
  if (stat.isFIFO()) return 'FIFO';
  if (stat.isSocket()) return 'socket';
  return stat.isBlockDevice() ? 'block device' : 'device';
}
