import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isWaybillError } from '../../domain/errors.ts';
import { errnoOf } from '../../files/errno.ts';
import { lstatOf, writeAll } from '../../files/file-access.ts';
import { syncPath } from '../../files/sync.ts';
import { onStore } from '../store-errors.ts';
import type { FolderSpec } from '../store-spec.ts';
import { openFile, requireBucketDir } from './local-files.ts';
import { TemporaryFolder } from './temporary-folder.ts';

/**
 * The file by which a bucket in a directory is known again. An empty mount point is a directory like any other, and so is
 * another disk in its place: neither has the marker. It travels with the bucket when that is copied as a whole.
 */

/** Name of the marker in a bucket; not listed, and no key of a directory store. */
export const MARKER_FILE = '.waybill-store';

const MARKER = /^waybill-store\/1 ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\n/;
const READ_BYTES_MAX = 1024;
const ABOUT =
  'By this file Waybill knows the bucket again. Keep it, and copy it along with the bucket.';

/** The id in a bucket's marker; undefined when there is none that counts. Throws StoreUnavailable, StoreRefuses. */
export function readMarker(bucketDir: string): string | undefined {
  const path = join(bucketDir, MARKER_FILE);
  if (!onStore(() => lstatOf(path))?.isFile()) return undefined;
  const buffer = Buffer.alloc(READ_BYTES_MAX);
  const fd = openFile(path);
  try {
    const bytes = onStore(() => readSync(fd, buffer, 0, READ_BYTES_MAX, 0));
    return MARKER.exec(buffer.toString('latin1', 0, bytes))?.[1];
  } finally {
    closeSync(fd);
  }
}

/**
 * The id of a bucket, which gets a marker if it has none; undefined where none can be written. Of several that mark it at
 * once the first one counts. Throws BucketNotFound, StoreFull, StoreUnavailable.
 */
export function markBucket({ root, bucket }: FolderSpec): string | undefined {
  const bucketDir = join(root, bucket);
  requireBucketDir(bucketDir, bucket);
  const there = readMarker(bucketDir);
  if (there !== undefined) return there;
  try {
    onStore(() => writeMarker(bucketDir));
  } catch (error) {
    // What cannot be written to needs no marker to be kept from being written to.
    if (!isWaybillError(error, 'StoreRefuses', 'StoreKeyConflict')) throw error;
  }
  return readMarker(bucketDir);
}

function writeMarker(bucketDir: string): void {
  const temporaries = new TemporaryFolder(bucketDir);
  const path = join(bucketDir, MARKER_FILE);
  try {
    const temporary = temporaries.newPath();
    writeNew(temporary);
    try {
      // Replaces nothing, and shows the whole file or none.
      linkSync(temporary, path);
    } catch (error) {
      if (!NO_LINKS.includes(errnoOf(error) ?? '')) throw error;
      writeNew(path);
    }
    syncPath(bucketDir);
  } finally {
    temporaries.close();
  }
}

/** What file systems say that have no hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

function writeNew(path: string): void {
  const fd = openSync(path, 'wx', 0o644);
  try {
    writeAll(fd, Buffer.from(`waybill-store/1 ${randomUUID()}\n${ABOUT}\n`));
    fsyncSync(fd);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}
