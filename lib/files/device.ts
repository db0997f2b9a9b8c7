import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  readSync,
  renameSync,
  rmdirSync,
  statSync,
} from 'node:fs';
import { WaybillError } from '../domain/errors.ts';
import { printableKey } from '../domain/report.ts';
import {
  type DeviceFolder,
  type DeviceName,
  type EntryKind,
  entriesOf,
  entryPath,
  hostile,
  kindOf,
  kindWords,
  openFolder,
  openRegular,
  openRoot,
  partsOf,
  pathOfOpen,
  removeEntry,
  removeTree,
  statEntry,
} from './device-folder.ts';
import { createIn, publishIn, replaceIn, writeIn } from './device-new-files.ts';
import { isTemporary, onDevice, temporaryOf } from './durable.ts';
import { errnoOf } from './errno.ts';
import { copyStart, writeAll } from './file-access.ts';
import { type NameTrial, tryNamesIn } from './name-trial.ts';

/** What is at a path of a device. */
export interface DeviceEntry {
  kind: EntryKind;
  bytes: number;
}

/** More than a path of 4,096 bytes can have. */
const DEPTH_MAX = 2100;
const SLASH = Buffer.from('/');

/**
 * The one way onto a device. A device is written by whoever had it last, so that nothing on it is taken for what its name says:
 * every folder on the way is a real directory on the device's own file system, files are regular and new ones are new,
 * reads are bounded. Paths are relative to the device. Readers find nothing (`undefined`) where a file is missing or
 * is no regular file; a link, a file or another file system in the place of a folder throws DeviceHostile.
 *
 * The root is the same directory from the first call to the last: a device that is swapped, or unmounted so that the
 * host's own folder shows, throws DeviceNotFound. Use a new one when a run begins anew. File system errors come out as DeviceIo,
 * DeviceFull, DeviceReadOnly.
 */
export class DeviceFiles {
  readonly root: string;
  #identity: { dev: number; ino: number } | undefined;

  constructor(root: string) {
    this.root = root;
  }

  /** What is at a path, never what a link there points at. */
  entry(path: DeviceName): DeviceEntry | undefined {
    return this.#at(path, (folder, name) => {
      const stat = statEntry(folder, name);
      return stat && { kind: kindOf(stat), bytes: stat.isFile() ? stat.size : 0 };
    });
  }

  /** Whether a regular file is at a path. */
  hasFile(path: DeviceName): boolean {
    return this.entry(path)?.kind === 'file';
  }

  /** The whole of a small file; undefined when it is missing, no regular file, or larger than it may be. */
  read(path: DeviceName, bytesMax: number): Buffer | undefined {
    return this.#at(path, (folder, name) => {
      const fd = openRegular(folder, name, constants.O_RDONLY);
      if (fd === undefined) return undefined;
      try {
        const { size } = fstatSync(fd);
        return size > bytesMax ? undefined : readStart(fd, size);
      } finally {
        closeSync(fd);
      }
    });
  }

  /** Opens a file for reading; undefined when it is missing or no regular file. The caller closes it. */
  open(path: DeviceName): number | undefined {
    return this.#at(path, (folder, name) => openRegular(folder, name, constants.O_RDONLY));
  }

  /**
   * Opens a file to change bytes of it in place; undefined when it is missing or no regular file. One that has other names
   * (hard links) stays as it is, as its bytes are somebody else's, too: a copy of as much of it as is wanted takes the name.
   */
  openToChange(path: string, bytesMax: number): number | undefined {
    return this.#at(path, (folder, name) => {
      const fd = openRegular(folder, name, constants.O_RDWR);
      const stat = fd === undefined ? undefined : fstatSync(fd);
      if (fd === undefined || stat === undefined || stat.nlink <= 1) return fd;
      try {
        replaceIn(folder, name, stat.mode & 0o777, (copy) => copyStart(fd, copy, bytesMax));
      } finally {
        closeSync(fd);
      }
      return openRegular(folder, name, constants.O_RDWR);
    });
  }

  /** Opens a file to overwrite what it holds, whatever other names it has; undefined when it is missing or no regular file. */
  openToErase(path: DeviceName): number | undefined {
    return this.#at(path, (folder, name) => openRegular(folder, name, constants.O_RDWR));
  }

  /** What is in a folder, as it comes: a hostile one holds any number of names. A missing folder holds nothing. */
  *entries(path: DeviceName | undefined): Generator<{ name: Buffer; kind: EntryKind }> {
    const folder = onDevice(this.root, () => this.#open(path === undefined ? [] : partsOf(path)));
    if (!folder) return;
    const entries = entriesOf(folder);
    try {
      for (;;) {
        const next = onDevice(this.root, () => entries.next());
        if (next.done) return;
        yield next.value;
      }
    } finally {
      entries.return(undefined);
      closeSync(folder.fd);
    }
  }

  /** Everything below a folder but that itself; what is in a folder comes before it. Throws DeviceHostile where it is too deep. */
  *walk(path: DeviceName, depth = 1): Generator<{ path: Buffer; kind: EntryKind }> {
    if (depth > DEPTH_MAX)
      throw hostile(
        'folders without an end',
        'a file',
        `${printableKey(Buffer.from(path)).slice(0, 80)}…`,
      );
    for (const { name, kind } of this.entries(path)) {
      const below = Buffer.concat([Buffer.from(path), SLASH, name]);
      if (kind === 'folder') yield* this.walk(below, depth + 1);
      yield { path: below, kind };
    }
  }

  /** The names in a folder that a filter takes, sorted. Names that are not UTF-8 are none of ours. */
  names(path: string, takes: (name: string) => boolean): string[] {
    const names: string[] = [];
    for (const { name } of this.entries(path)) {
      const text = name.toString('utf8');
      if (takes(text)) names.push(text);
    }
    return names.sort();
  }

  /** Makes a folder and every one on the way to it, durably. */
  makeFolder(path: DeviceName): void {
    onDevice(this.root, () => {
      const folder = this.#open(partsOf(path), true);
      if (folder) closeSync(folder.fd);
    });
  }

  /** Makes a new file in a folder that is there, for writing. Fails when the name is taken. The caller closes it. */
  create(path: DeviceName, mode = 0o644): number {
    return this.#in(path, (folder, name) => createIn(folder, name, mode));
  }

  /** As `create`, under the temporary name of a file; what was left under that name goes first. */
  createTemporary(path: string, mode = 0o644): number {
    return this.#in(temporaryOf(path), (folder, name) => {
      removeEntry(folder, name);
      return createIn(folder, name, mode);
    });
  }

  /** Gives what was written under the temporary name its own, durably. Closes nothing. */
  publishTemporary(path: string): void {
    this.#in(path, (folder, name) => publishIn(folder, name));
  }

  /** Writes a file whole: temporary name, fsync, rename, fsync of its folder. */
  publish(path: string, content: Uint8Array | string, mode = 0o644): void {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    this.#in(path, (folder, name) => replaceIn(folder, name, mode, (fd) => writeAll(fd, bytes)));
  }

  /** Gives a file another name in the same folder, in place of what has that name. Durable after `syncFolder`. */
  rename(path: string, newName: string): void {
    this.#in(path, (folder, name) =>
      renameSync(entryPath(folder, name), entryPath(folder, newName)),
    );
  }

  /**
   * Puts a small file at a name that is free, whole from its first moment; false when the name is taken. A file system
   * without hard links (FAT, exFAT) shows it empty for a moment.
   */
  place(path: string, content: string): boolean {
    return this.#in(path, (folder, name) => {
      const temporary = `.tmp-${randomUUID()}`;
      writeIn(folder, temporary, content);
      try {
        linkSync(entryPath(folder, temporary), entryPath(folder, name));
        return true;
      } catch (error) {
        const code = errnoOf(error) ?? '';
        // Whoever holds the device may have removed the temporary file meanwhile.
        if (code === 'EEXIST' || code === 'ENOENT') return false;
        if (!NO_LINKS.includes(code)) throw error;
      } finally {
        removeEntry(folder, temporary);
      }
      try {
        writeIn(folder, name, content);
        return true;
      } catch (error) {
        if (errnoOf(error) === 'EEXIST') return false;
        throw error;
      }
    });
  }

  /** Removes whatever is at a path: a folder goes with all that is in it, a link itself. Durable after `syncFolder`. */
  remove(path: DeviceName): void {
    this.#at(path, removeEntry);
  }

  /** Removes a folder with all that is in it; anything else at the path stays. */
  removeFolder(path: DeviceName): void {
    this.#at(path, (folder, name) => {
      if (statEntry(folder, name)?.isDirectory()) removeTree(folder, name);
    });
  }

  /** Removes whatever is at a path, durably. */
  unpublish(path: DeviceName): void {
    this.#at(path, (folder, name) => {
      removeEntry(folder, name);
      fsyncSync(folder.fd);
    });
  }

  /** Removes a folder unless something is in it. */
  removeIfEmpty(path: DeviceName): void {
    this.#at(path, (folder, name) => {
      try {
        rmdirSync(entryPath(folder, name));
        fsyncSync(folder.fd);
      } catch (error) {
        if (!['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? ''))
          throw error;
      }
    });
  }

  /** Removes what interrupted writers left in a folder. */
  removeTemporaries(path: string): void {
    for (const { name } of this.entries(path)) {
      const text = name.toString('latin1');
      if (isTemporary(text)) this.remove(Buffer.concat([Buffer.from(path), SLASH, name]));
    }
  }

  /** Makes the names in a folder durable; a missing one has none. Without a path: of the device's root. */
  syncFolder(path?: DeviceName): void {
    onDevice(this.root, () => {
      const folder = this.#open(path === undefined ? [] : partsOf(path));
      if (!folder) return;
      try {
        fsyncSync(folder.fd);
      } finally {
        closeSync(folder.fd);
      }
    });
  }

  /** Tries names in a new folder at a path, which is removed again. What it lies in has to be there. */
  tryNames<T>(path: string, work: (trial: NameTrial) => T): T {
    return this.#in(path, (folder, name) => tryNamesIn(folder, String(name), work));
  }

  /** Size of a block of the device's file system, bytes. */
  blockBytes(): number {
    return onDevice(this.root, () => statSync(this.root).blksize);
  }

  /** A path by which this process can open an open file of the device once more. */
  pathOf(fd: number, path: string): string {
    return pathOfOpen(fd, `${this.root}/${path}`);
  }

  /** Works in the folder of a path, where that is there. */
  #at<T>(path: DeviceName, work: (folder: DeviceFolder, name: DeviceName) => T): T | undefined {
    return onDevice(this.root, () => {
      const parts = partsOf(path);
      const name = parts.pop() as DeviceName;
      const folder = this.#open(parts);
      if (!folder) return undefined;
      try {
        return work(folder, name);
      } finally {
        closeSync(folder.fd);
      }
    });
  }

  /** Works in the folder of a path, which has to be there. */
  #in<T>(path: DeviceName, work: (folder: DeviceFolder, name: DeviceName) => T): T {
    let isThere = false;
    const result = this.#at(path, (folder, name) => {
      isThere = true;
      return work(folder, name);
    });
    if (!isThere) throw new WaybillError('DeviceIo', { detail: 'ENOENT' });
    return result as T;
  }

  /** Opens a folder, from the root down. Undefined when it is missing. */
  #open(parts: DeviceName[], make = false): DeviceFolder | undefined {
    let folder = this.#openRoot();
    for (const part of parts) {
      let next: DeviceFolder | undefined;
      try {
        next = openFolder(folder, part, make);
      } finally {
        closeSync(folder.fd);
      }
      if (!next) return undefined;
      folder = next;
    }
    return folder;
  }

  #openRoot(): DeviceFolder {
    const root = openRoot(this.root);
    const { dev, ino } = root;
    this.#identity ??= { dev, ino };
    if (this.#identity.dev === dev && this.#identity.ino === ino) return root;
    closeSync(root.fd);
    const detail = 'it was taken away, or another one is in its place';
    throw new WaybillError('DeviceNotFound', { path: this.root, detail });
  }
}

/** What file systems say that have no hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** The first bytes of an open file; fewer when it has become shorter. */
function readStart(fd: number, bytes: number): Buffer {
  const content = Buffer.allocUnsafeSlow(bytes);
  for (let at = 0; at < bytes; ) {
    const got = readSync(fd, content, at, bytes - at, at);
    if (got === 0) return content.subarray(0, at);
    at += got;
  }
  return content;
}

/** Throws DeviceNotFound when a device's directory is missing or no directory. */
export function checkDeviceDir(deviceDir: string): void {
  let detail: string | undefined;
  try {
    const stat = statSync(deviceDir);
    detail = stat.isDirectory() ? undefined : `it is ${kindWords(stat)}`;
  } catch (error) {
    detail = errnoOf(error) ?? 'unreadable';
  }
  if (detail) throw new WaybillError('DeviceNotFound', { path: deviceDir, detail });
}
