import { closeSync, constants, fsyncSync, openSync, renameSync } from 'node:fs';
import {
  type DeviceFolder,
  type DeviceName,
  entryPath,
  removeEntry,
  statEntry,
} from './device-folder.ts';
import { temporaryOf } from './durable.ts';
import { writeAll } from './file-access.ts';

/** New files in a folder of a device that is held open. */

/** Makes a new file, for writing. Throws file system errors, as all here. */
export function createIn(folder: DeviceFolder, name: DeviceName, mode: number): number {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  return openSync(entryPath(folder, name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
}

/** Puts a new file, written whole and durable, in the place of what has the name. */
export function replaceIn(
  folder: DeviceFolder,
  name: DeviceName,
  mode: number,
  write: (fd: number) => void,
): void {
  const temporary = temporaryOf(String(name));
  removeEntry(folder, temporary);
  const fd = createIn(folder, temporary, mode);
  try {
    write(fd);
    fsyncSync(fd);
  } catch (error) {
    // On a full device the half of it would take the room that the next try needs.
    removeEntry(folder, temporary);
    throw error;
  } finally {
    closeSync(fd);
  }
  publishIn(folder, name);
}

/** Makes a new file with some text in it; not durable yet. */
export function writeIn(folder: DeviceFolder, name: DeviceName, content: string): void {
  const fd = createIn(folder, name, 0o644);
  try {
    writeAll(fd, Buffer.from(content));
  } finally {
    closeSync(fd);
  }
}

/** Gives what has the temporary name of a file its own, durably. */
export function publishIn(folder: DeviceFolder, name: DeviceName): void {
  // A folder in the place of a file would refuse the rename; anything else gives way to it.
  if (statEntry(folder, name)?.isDirectory()) removeEntry(folder, name);
  renameSync(entryPath(folder, temporaryOf(String(name))), entryPath(folder, name));
  fsyncSync(folder.fd);
}
