import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { WaybillError } from '../domain/errors.ts';
import { errnoOf } from './errno.ts';
import { writeAll } from './file-access.ts';
import { syncPath } from './sync.ts';

/**
 * Publishes what must last to the state of a host; on a device `DeviceFiles` does. What `publish` returned from survives a
 * power failure, and a reader sees the old content or the new, never a part.
 */

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
