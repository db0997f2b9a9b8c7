import { randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../../files/errno.ts';
import { onStore, storeError } from '../store-errors.ts';
import { removeIfEmpty, requireFolder } from './local-files.ts';

/** Unfinished objects of a bucket; not listed, and no key of a directory store may begin with it. */
export const TEMPORARY_DIR = '.waybill-tmp';

const ABANDONED_MS = 7 * 86_400_000;

/** Whether what is at a path has not been touched for so long that the process that made it is gone. */
export function isAbandoned(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && stat.mtimeMs < Date.now() - ABANDONED_MS;
}

/**
 * Where one opened store keeps unfinished objects. Each has a folder of its own, so that closing one takes
 * nothing from another.
 */
export class TemporaryFolder {
  readonly #parent: string;
  #dir: string | undefined;
  #made = 0;

  constructor(bucketDir: string) {
    this.#parent = join(bucketDir, TEMPORARY_DIR);
  }

  /** A path nobody else uses, on the bucket's file system. Throws StoreUnavailable. */
  newPath(): string {
    this.#dir ??= this.#make();
    this.#made += 1;
    return `${this.#dir}/${this.#made}`;
  }

  /** Removes what killed processes left; a folder in use is younger. Throws StoreUnavailable. */
  removeAbandoned(): void {
    if (!lstatSync(this.#parent, { throwIfNoEntry: false })) return;
    requireFolder(this.#parent, TEMPORARY_DIR);
    for (const name of readdirSync(this.#parent)) {
      const path = join(this.#parent, name);
      if (isAbandoned(path)) rmSync(path, { recursive: true, force: true });
    }
  }

  /** Removes the folder with everything unfinished in it; a later `newPath` makes another. */
  close(): void {
    if (!this.#dir) return;
    rmSync(this.#dir, { recursive: true, force: true });
    this.#dir = undefined;
    removeIfEmpty(this.#parent);
  }

  #make(): string {
    const dir = join(this.#parent, randomUUID());
    for (;;) {
      onStore(() => this.#makeParent());
      try {
        requireFolder(this.#parent, TEMPORARY_DIR);
        mkdirSync(dir, { mode: 0o700 });
        return dir;
      } catch (error) {
        // Another store that closed just now took the empty parent away.
        if (errnoOf(error) !== 'ENOENT') throw storeError(error);
      }
    }
  }

  /** Only the last folder: made with those above it, a store that is no longer mounted would come to life in its mount point. */
  #makeParent(): void {
    if (lstatSync(this.#parent, { throwIfNoEntry: false })) return;
    try {
      mkdirSync(this.#parent, { mode: 0o700 });
    } catch (error) {
      // Another worker was faster.
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
  }
}
