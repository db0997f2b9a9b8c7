import type { BigIntStats } from 'node:fs';
import { accessSync, constants, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { type ErrorCode, WaybillError } from '../../domain/errors.ts';
import { errnoOf } from '../../files/errno.ts';
import { folderIdentity, identityOf } from './same-folder.ts';
import type { ScanEntry } from './scan-list.ts';
import type { SymlinkPolicy, TreeSource } from './source-spec.ts';

/** Something of the source that is not copied, and why. */
export interface ScanProblem {
  key: Buffer;
  code: ErrorCode;
  facts?: Record<string, string>;
}

export type ScanItem = { entry: ScanEntry } | { problem: ScanProblem };

const SLASH = 0x2f;

/** A folder that is not looked into, however a path leads to it, and what is said of it. */
export interface LeftOut {
  path: string;
  code: ErrorCode;
}

/**
 * Walks a tree in byte order, folder by folder: files, empty folders, and what cannot be copied. Memory grows
 * with the largest folder. The root must be a directory.
 */
export function* scanTree(
  { root, symlinks }: Pick<TreeSource, 'root' | 'symlinks'>,
  leftOut: readonly LeftOut[] = [],
): Generator<ScanItem> {
  const base = Buffer.from(root.endsWith('/') ? root : `${root}/`);
  const walk: Walk = {
    base: base.length,
    symlinks,
    mayLackRights: process.getuid?.() !== 0,
    leftOut: new Map(leftOut.map(({ path, code }) => [folderIdentity(path), code])),
  };
  const open: Folder[] = [];
  const enter = (found: FoundFolder): ScanItem | undefined => {
    const names = namesIn(found, base.length);
    if (!Array.isArray(names)) return names;
    open.push({ ...found, names, next: 0 });
    return undefined;
  };
  const first = enter({ path: base, ancestors: [realPath(base)] });
  if (first) yield first;
  for (let folder = open.at(-1); folder; folder = open.at(-1)) {
    const name = folder.names[folder.next];
    folder.next += 1;
    if (!name) {
      open.pop();
      continue;
    }
    const found = look(walk, folder, name);
    const item = 'ancestors' in found ? enter(found) : found;
    if (item) yield item;
  }
}

interface Walk {
  /** Length of the path of the root: what follows it is the key. */
  base: number;
  symlinks: SymlinkPolicy;
  /** By the identity of the folder; one that is not there is found nowhere. */
  leftOut: ReadonlyMap<string | undefined, ErrorCode>;
  /** Only then is it worth asking whether each file can be read. */
  mayLackRights: boolean;
}

interface FoundFolder {
  /** With a slash at its end. */
  path: Buffer;
  /** The real paths of what it lies in and of itself, where links are followed. */
  ancestors: string[];
}

interface Folder extends FoundFolder {
  names: Buffer[];
  /** The one to look at next. */
  next: number;
}

/** The names in a folder in byte order; of an empty or unreadable one what is to be said of it. */
function namesIn({ path }: FoundFolder, base: number): Buffer[] | ScanItem {
  const key = path.subarray(base);
  try {
    const names = readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare);
    if (names.length > 0 || key.length === 0) return names;
    return { entry: entryOf(key, lstatSync(path, { bigint: true })) };
  } catch (error) {
    return { problem: readProblem(key, error) };
  }
}

/** The path behind symbolic links, one character a byte: text would change names that are not UTF-8. */
const realPath = (path: Buffer): string =>
  realpathSync.native(path, { encoding: 'buffer' }).toString('latin1');

/** What one name in a folder stands for. */
function look(walk: Walk, folder: Folder, name: Buffer): ScanItem | FoundFolder {
  // With room for the slash of a folder.
  const room = Buffer.allocUnsafe(folder.path.length + name.length + 1);
  name.copy(room, folder.path.copy(room));
  const path = room.subarray(0, -1);
  const key = path.subarray(walk.base);
  let { ancestors } = folder;
  let stat: BigIntStats;
  try {
    stat = lstatSync(path, { bigint: true });
    if (stat.isSymbolicLink()) {
      if (walk.symlinks === 'skip') return { problem: { key, code: 'SymlinkSkipped' } };
      stat = statSync(path, { bigint: true });
      if (stat.isDirectory()) {
        const real = realPath(path);
        if (ancestors.some((ancestor) => ancestor === real || ancestor.startsWith(`${real}/`)))
          return { problem: { key, code: 'SymlinkLoop' } };
      }
    }
    // Without links nothing leads back.
    if (stat.isDirectory() && walk.symlinks === 'follow')
      ancestors = [...ancestors, realPath(path)];
    if (stat.isFile() && walk.mayLackRights) accessSync(path, constants.R_OK);
  } catch (error) {
    return { problem: linkProblem(key, error) };
  }
  if (stat.isFile()) return { entry: entryOf(key, stat) };
  if (!stat.isDirectory())
    return { problem: { key, code: 'UnsupportedFileType', facts: { type: typeName(stat) } } };
  const code = walk.leftOut.get(identityOf(stat));
  if (code) return { problem: { key, code } };
  room[room.length - 1] = SLASH;
  return { path: room, ancestors };
}

/** A file, or an empty folder, as it is now. */
export const entryOf = (key: Buffer, stat: BigIntStats): ScanEntry => ({
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
