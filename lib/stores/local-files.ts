import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmdirSync,
  writeSync,
} from 'node:fs';
import { WaybillError } from '../domain/errors.ts';
import { errnoOf, storeError } from './store-errors.ts';

/** What is at a path, never what a symbolic link there points at; undefined when nothing is. */
export function lstatOf(path: string | Buffer) {
  try {
    // Most often there is nothing: an error made and caught would cost more than the call.
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (['ENOTDIR', 'ENAMETOOLONG'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}

/** Throws BucketNotFound when a bucket's directory is missing; a symbolic link is not a bucket. */
export function requireBucketDir(dir: string, bucket: string): void {
  const stat = lstatSync(dir, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) throw new WaybillError('BucketNotFound', { bucket });
}

/** Throws StoreUnavailable when a path is no directory of its own, such as a planted symbolic link. */
export function requireFolder(dir: string, name: string): void {
  if (lstatSync(dir).isDirectory()) return;
  throw new WaybillError('StoreUnavailable', { detail: `${name} is not a directory` });
}

/** Makes a directory unless something is there already; what it is, the caller looks at next. */
export function makeFolder(path: string | Buffer): void {
  try {
    mkdirSync(path);
  } catch (error) {
    // Another worker was faster.
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

export function removeIfEmpty(dir: string): void {
  try {
    rmdirSync(dir);
  } catch (error) {
    if (!['ENOTEMPTY', 'ENOENT', 'EEXIST'].includes(errnoOf(error) ?? '')) throw storeError(error);
  }
}

/** Opens an object's file, never through a symbolic link and never a FIFO or device. Throws ObjectVanished. */
export function openFile(path: string | Buffer): number {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENXIO', 'ENOTDIR'].includes(errnoOf(error) ?? '')) {
      throw new WaybillError('ObjectVanished', {}, { cause: error });
    }
    throw storeError(error);
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new WaybillError('ObjectVanished');
}

/** Writes a whole chunk at `position`, or where the file stands. */
export function writeAll(fd: number, chunk: Uint8Array, position?: number): void {
  for (let at = 0; at < chunk.length; ) {
    const target = position === undefined ? null : position + at;
    at += writeSync(fd, chunk, at, chunk.length - at, target);
  }
}
