import { lstatSync, mkdirSync, readSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
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

/**
 * Makes a directory and those above it; one that is there is left as it is. The recursive call of Node says ENOENT on a
 * file system that is read-only, and never ends in a place where nothing can be made, as below /proc; this one says what
 * is so.
 */
export function makeFolders(path: string, mode?: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const errno = errnoOf(error);
    if (isFolder(path)) return;
    const above = dirname(path);
    if (errno !== 'ENOENT' || above === path || isFolder(above)) throw error;
    makeFolders(above, mode);
    makeFolders(path, mode);
  }
}

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Writes a whole chunk at `position`, or where the file stands. */
export function writeAll(fd: number, chunk: Uint8Array, position?: number): void {
  for (let at = 0; at < chunk.length; ) {
    const target = position === undefined ? null : position + at;
    at += writeSync(fd, chunk, at, chunk.length - at, target);
  }
}

const PIECE_BYTES = 1024 * 1024;

/** Copies the first bytes of an open file into another one, or fewer where it is shorter. */
export function copyStart(from: number, to: number, bytes: number): void {
  const piece = Buffer.allocUnsafe(Math.min(bytes, PIECE_BYTES));
  for (let at = 0; at < bytes; ) {
    const got = readSync(from, piece, 0, Math.min(piece.length, bytes - at), at);
    if (got === 0) return;
    writeAll(to, piece.subarray(0, got), at);
    at += got;
  }
}
