import { spawnSync } from 'node:child_process';
import { closeSync, fsyncSync, lstatSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes everything written to the file system of `dir` durable: syncfs(2), through `sync -f` of coreutils
 * because Node has no call for it. One call for a batch of files, where fsync would be one a file.
 * False where the command is missing or fails; the caller then syncs file by file.
 */
export function syncFileSystem(dir: string): boolean {
  return spawnSync('sync', ['-f', dir], { stdio: 'ignore' }).status === 0;
}

/** fsync of one file or directory. */
export function syncPath(path: string | Buffer): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** fsync of a file, or of a directory with the files in it. */
export function syncEntry(path: string): void {
  if (lstatSync(path).isDirectory()) {
    for (const name of readdirSync(path)) syncPath(join(path, name));
  }
  syncPath(path);
}
