import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { WaybillError } from '../domain/errors.ts';
import { errnoOf } from './errno.ts';
import { writeAll } from './file-access.ts';
import { syncPath } from './sync.ts';

/**
 * The only file that publishes to a device, or what must last to the state of a host. What `publish` returned from survives a power failure, and a
 * reader sees the old content or the new, never a part.
 */

/** Makes a directory below `base` and every new entry on the way to it durable. */
export function makeDir(base: string, relative: string): void {
  let parent = base;
  for (const segment of relative.split('/')) {
    const dir = join(parent, segment);
    try {
      mkdirSync(dir);
      syncPath(parent);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
    parent = dir;
  }
}

const TEMPORARY = '.tmp-';

/** The name that a file has while it is not published yet, or not any more. */
export const temporaryOf = (path: string): string =>
  join(dirname(path), `${TEMPORARY}${basename(path)}`);

/** Whether a name is one of an unfinished file. */
export const isTemporary = (name: string): boolean => name.startsWith(TEMPORARY);

/** Writes a file whole: temporary name, fsync, rename, fsync of its directory. `mode` is that of a new file. */
export function publish(path: string, content: Uint8Array | string, mode = 0o644): void {
  const dir = dirname(path);
  const temporary = temporaryOf(path);
  const fd = openSync(temporary, 'w', mode);
  try {
    writeAll(fd, typeof content === 'string' ? Buffer.from(content) : content);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
  syncPath(dir);
}

/** Removes a file durably; a missing one is no error. */
export function unpublish(path: string): void {
  rmSync(path, { force: true });
  syncPath(dirname(path));
}

/** Removes what interrupted publications left in a directory. */
export function removeTemporaries(dir: string): void {
  for (const name of readdirSync(dir)) {
    if (isTemporary(name)) rmSync(join(dir, name), { force: true });
  }
}

/** What a file system error on a device means to its user. Errors that are typed already pass through. */
export function deviceError(error: unknown, path: string): Error {
  if (error instanceof WaybillError) return error;
  const code = errnoOf(error);
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  const facts = { path, detail: code, needed: 'more', free: 'nothing' };
  if (code === 'EMFILE' || code === 'ENFILE')
    return new WaybillError('HostLimit', facts, { cause: error });
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new WaybillError('DeviceFull', facts, { cause: error });
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return new WaybillError('DeviceReadOnly', facts, { cause: error });
  }
  return new WaybillError('DeviceIo', facts, { cause: error });
}

/** Runs device work with its file system errors translated. */
export function onDevice<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw deviceError(error, path);
  }
}
