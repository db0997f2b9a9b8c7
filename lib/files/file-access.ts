import { lstatSync, mkdirSync, writeSync } from 'node:fs';
import { errnoOf } from './errno.ts';

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

/** Makes a directory unless something is there already; what it is, the caller looks at next. */
export function makeFolder(path: string | Buffer): void {
  try {
    mkdirSync(path);
  } catch (error) {
    // Another worker was faster.
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

/** Writes a whole chunk at `position`, or where the file stands. */
export function writeAll(fd: number, chunk: Uint8Array, position?: number): void {
  for (let at = 0; at < chunk.length; ) {
    const target = position === undefined ? null : position + at;
    at += writeSync(fd, chunk, at, chunk.length - at, target);
  }
}
