import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  opendirSync,
  openSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '../domain/errors.ts';
import { printableKey } from '../domain/report.ts';
import { errnoOf } from './errno.ts';

/** A name within a folder, or a path relative to the device. Bytes, where it need not be UTF-8. */
export type DeviceName = string | Buffer;

/** What lies at a path of a device. */
export type EntryKind = 'file' | 'folder' | 'link' | 'other';

/**
 * A folder of a device that is held open. What is in it is reached through the descriptor, so that nothing that happens
 * to the names above it can lead a call elsewhere. Node has no openat(2); Linux gives the same by
 * /proc/self/fd. Elsewhere the path is used: each folder has been checked, but a window stays open.
 */
export interface DeviceFolder {
  fd: number;
  /** The file system that the device's root lies on. */
  dev: number;
  /** Relative to the device, for error texts. */
  shown: string;
  /** Where calls find the folder. */
  path: DeviceName;
}

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const PROC = '/proc/self/fd';
const HAS_PROC = process.platform === 'linux' && existsSync(PROC);

/** A path of an open file by which it can be opened again, whatever became of its name. */
export const pathOfOpen = (fd: number, otherwise: string): string =>
  HAS_PROC ? `${PROC}/${fd}` : otherwise;

/** Opens the root of a device: what a person gave, so that links on the way to it count. Throws file system errors. */
export function openRoot(root: string): DeviceFolder & { ino: number } {
  const fd = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
  const { dev, ino } = fstatSync(fd);
  return { fd, dev, ino, shown: '', path: HAS_PROC ? `${PROC}/${fd}` : root };
}

/** The path by which a call reaches an entry of a folder. */
export function entryPath({ path }: DeviceFolder, name: DeviceName): DeviceName {
  if (typeof path === 'string' && typeof name === 'string') return `${path}/${name}`;
  return Buffer.concat([Buffer.from(path), Buffer.from('/'), Buffer.from(name)]);
}

/**
 * Opens a folder within a folder; undefined when there is none. With `make` it is made then, durably. Throws DeviceHostile
 * when a link, a file or another file system is there, and file system errors.
 */
export function openFolder(
  parent: DeviceFolder,
  name: DeviceName,
  make: boolean,
): DeviceFolder | undefined {
  const path = entryPath(parent, name);
  const shown = pathIn(parent, name);
  const fd = openOrMake(parent, path, shown, make);
  if (fd === undefined) return undefined;
  if (fstatSync(fd).dev !== parent.dev) {
    closeSync(fd);
    throw hostile('another file system', 'a folder of the device', shown);
  }
  return { fd, dev: parent.dev, shown, path: HAS_PROC ? `${PROC}/${fd}` : path };
}

function openOrMake(
  parent: DeviceFolder,
  path: DeviceName,
  shown: string,
  make: boolean,
): number | undefined {
  try {
    return openSync(path, FOLDER);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOTDIR' || code === 'ELOOP')
      throw hostile(kindWords(lstatOfEntry(path)), 'a folder', shown);
    if (code !== 'ENOENT') throw error;
    if (!make) return undefined;
  }
  try {
    mkdirSync(path);
    fsyncSync(parent.fd);
  } catch (error) {
    // Another thread was faster.
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  return openOrMake(parent, path, shown, false);
}

/** What is at a name, never what a link there points at; undefined when nothing is. Throws file system errors. */
export const statEntry = (folder: DeviceFolder, name: DeviceName): Stats | undefined =>
  lstatOfEntry(entryPath(folder, name));

const lstatOfEntry = (path: DeviceName): Stats | undefined =>
  lstatSync(path, { throwIfNoEntry: false });

export function kindOf(stat: Stats): EntryKind {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'folder';
  return stat.isSymbolicLink() ? 'link' : 'other';
}

/**
 * Opens a regular file with more flags; undefined when nothing or something else is there. Looked at first, because merely
 * opening a device node can do something, and once more when it is open. Throws file system errors.
 */
export function openRegular(
  folder: DeviceFolder,
  name: DeviceName,
  flags: number,
): number | undefined {
  const path = entryPath(folder, name);
  if (!lstatOfEntry(path)?.isFile()) return undefined;
  let fd: number;
  try {
    fd = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENXIO', 'EISDIR'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  return undefined;
}

/** The names in a folder, as they come. Throws file system errors. */
export function* entriesOf(folder: DeviceFolder): Generator<{ name: Buffer; kind: EntryKind }> {
  // latin1 is one character a byte: names need not be UTF-8.
  const dir = opendirSync(folder.path.toString(), { encoding: 'latin1', bufferSize: 256 });
  try {
    for (let entry = dir.readSync(); entry; entry = dir.readSync()) {
      const name = Buffer.from(entry.name, 'latin1');
      const isLink = entry.isSymbolicLink();
      const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : isLink && 'link';
      yield { name, kind: kind || 'other' };
    }
  } finally {
    dir.closeSync();
  }
}

/**
 * Removes whatever is at a name: a file, a link itself, or a folder with all that is in it. Nothing to remove is no
 * error. Never goes into another file system: throws DeviceHostile there, and file system errors.
 */
export function removeEntry(folder: DeviceFolder, name: DeviceName): void {
  const stat = statEntry(folder, name);
  if (!stat) return;
  if (stat.isDirectory()) removeTree(folder, name);
  else unlinkSync(entryPath(folder, name));
}

/** As `removeEntry`, of a folder alone. */
export function removeTree(folder: DeviceFolder, name: DeviceName): void {
  const inner = openFolder(folder, name, false);
  if (!inner) return;
  try {
    while (emptyOnce(inner));
  } finally {
    closeSync(inner.fd);
  }
  rmdirSync(entryPath(folder, name));
}

/**
 * Removes what is in a folder, one level deep: the folders in its folders are moved up, and come next. A tree of any
 * depth takes three descriptors. Returns whether there may be more.
 */
function emptyOnce(folder: DeviceFolder): boolean {
  const names = [...firstOf(folder)];
  for (const { name, kind } of names) {
    if (kind !== 'folder') {
      unlinkSync(entryPath(folder, name));
      continue;
    }
    const inner = openFolder(folder, name, false);
    if (!inner) continue;
    try {
      for (let some = [...firstOf(inner)]; some.length > 0; some = [...firstOf(inner)])
        for (const below of some) {
          if (below.kind !== 'folder') unlinkSync(entryPath(inner, below.name));
          else moveUp(inner, below.name, folder);
        }
    } finally {
      closeSync(inner.fd);
    }
    rmdirSync(entryPath(folder, name));
  }
  return names.length > 0;
}

let moved = 0;

function moveUp(from: DeviceFolder, name: DeviceName, to: DeviceFolder): void {
  for (;;) {
    moved += 1;
    const target = `.tmp-up-${process.pid}-${moved}`;
    if (statEntry(to, target)) continue;
    try {
      renameSync(entryPath(from, name), entryPath(to, target));
      return;
    } catch (error) {
      const code = errnoOf(error);
      if (code !== 'EBUSY' && code !== 'EXDEV') throw error;
      throw hostile('another file system', 'a folder of the device', pathIn(from, name));
    }
  }
}

const AT_ONCE = 1000;

function* firstOf(folder: DeviceFolder): Generator<{ name: Buffer; kind: EntryKind }> {
  let count = 0;
  for (const entry of entriesOf(folder)) {
    yield entry;
    count += 1;
    if (count === AT_ONCE) return;
  }
}

/** The parts of a path relative to the device. Throws DeviceHostile for one that would leave its folder. */
export function partsOf(path: DeviceName): DeviceName[] {
  const text = typeof path === 'string' ? path : path.toString('latin1');
  const parts = text.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0')))
    throw hostile('a name that leads elsewhere', 'a path', printableKey(Buffer.from(path)));
  return typeof path === 'string' ? parts : parts.map((part) => Buffer.from(part, 'latin1'));
}

const pathIn = (folder: DeviceFolder, name: DeviceName): string =>
  join(folder.shown, printableKey(Buffer.from(name)));

/** What a device holds in a place where no device of ours does. */
export const hostile = (found: string, wanted: string, path: string): WaybillError =>
  new WaybillError('DeviceHostile', { found, wanted, path });

export function kindWords(stat: Stats | undefined): string {
  if (!stat) return 'nothing';
  if (stat.isSymbolicLink()) return 'a symbolic link';
  if (stat.isFile()) return 'a file';
  if (stat.isDirectory()) return 'a folder';
  return stat.isFIFO() ? 'a named pipe' : stat.isSocket() ? 'a socket' : 'a device node';
}
