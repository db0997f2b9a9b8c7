import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { WaybillError } from '../../domain/errors.ts';
import { errnoOf } from '../../files/errno.ts';
import { writeAll } from '../../files/file-access.ts';
import { storeError } from '../store-errors.ts';

/** Throws BucketNotFound when a bucket's directory is missing; a symbolic link is not a bucket. */
export function requireBucketDir(dir: string, bucket: string): void {
  const stat = lstatSync(dir, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) throw new WaybillError('BucketNotFound', { bucket });
}

/** A file that stands for larger ones: a file system that has room for a byte may have none for an object. */
const PROBE_BYTES_MAX = 8 * 1024 * 1024;

/** Writes a new file of so many bytes, as far as that costs little, down to the disk. Returns how many. */
export function writeProbe(path: string, bytes: number): number {
  const size = Math.min(Math.max(bytes, 1), PROBE_BYTES_MAX);
  const fd = openSync(path, 'wx', 0o600);
  try {
    writeAll(fd, Buffer.alloc(size, 1));
    fsyncSync(fd);
    return size;
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
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
