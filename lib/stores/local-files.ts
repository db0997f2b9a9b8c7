import { closeSync, constants, fstatSync, lstatSync, openSync, rmdirSync } from 'node:fs';
import { WaybillError } from '../domain/errors.ts';
import { errnoOf } from '../files/errno.ts';
import { storeError } from './store-errors.ts';

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
