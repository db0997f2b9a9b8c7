import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * What a directory is by its file system and inode, which a second mount of it (a bind mount) does not change as it changes
 * its path. Undefined when there is none.
 */
export function folderIdentity(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat?.isDirectory() ? identityOf(stat) : undefined;
}

/** The same of what was found by a look at it. */
export const identityOf = ({ dev, ino }: { dev: bigint; ino: bigint }): string => `${dev}:${ino}`;

/** Whether a real path is a directory or lies in it, by whatever mount. */
export function liesInFolder(realPath: string, folder: string): boolean {
  const wanted = folderIdentity(folder);
  if (wanted === undefined) return false;
  for (let path = realPath; ; path = dirname(path)) {
    if (folderIdentity(path) === wanted) return true;
    if (dirname(path) === path) return false;
  }
}
