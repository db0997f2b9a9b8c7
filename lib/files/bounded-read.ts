import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/**
 * Text of a small regular file of a device; undefined when it is larger or something else. Never goes through a
 * symbolic link at the path's end (ELOOP), and does not wait for a FIFO's writer. Throws file system errors.
 */
export function readBounded(path: string, bytesMax: number): string | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > bytesMax) return undefined;
    const buffer = Buffer.alloc(stat.size);
    return buffer.toString('utf8', 0, readSync(fd, buffer, 0, stat.size, 0));
  } finally {
    closeSync(fd);
  }
}
