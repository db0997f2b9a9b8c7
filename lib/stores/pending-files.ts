import { renameSync, rmSync } from 'node:fs';
import type { WaybillError } from '../domain/errors.ts';
import { isWaybillError } from '../domain/errors.ts';
import { storeError } from './store-errors.ts';

/** An object whose commit failed after all. */
export interface FlushProblem {
  key: Buffer;
  error: WaybillError;
}

interface PendingFile {
  key: Buffer;
  /** Where its bytes are, complete. */
  temporary: string;
  target: Buffer;
}

/**
 * Files that are complete and wait for their names. A file gets its name only when its bytes are durable, so
 * that not even a power failure shows a torn one, and they become durable together, which is cheaper.
 */
export class PendingFiles {
  /** By key in latin1. */
  readonly #files = new Map<string, PendingFile>();
  readonly #problems: FlushProblem[] = [];

  get size(): number {
    return this.#files.size;
  }

  /** Where the bytes of a file are that has no name yet. `key` in latin1. */
  find(key: string): string | undefined {
    return this.#files.get(key)?.temporary;
  }

  /** Takes the place of an earlier one under the same key. */
  add(file: PendingFile): void {
    const name = file.key.toString('latin1');
    const earlier = this.#files.get(name);
    if (earlier) rmSync(earlier.temporary, { force: true });
    this.#files.set(name, file);
  }

  temporaries(): string[] {
    return [...this.#files.values()].map(({ temporary }) => temporary);
  }

  /** Gives every file its name. What stands in the way of one is a problem of its own. */
  publish(): Buffer[] {
    const published: Buffer[] = [];
    for (const { key, temporary, target } of this.#files.values()) {
      try {
        renameSync(temporary, target);
        published.push(target);
      } catch (cause) {
        const error = storeError(cause);
        if (!isWaybillError(error, 'StoreKeyConflict')) throw error;
        rmSync(temporary, { force: true });
        this.#problems.push({ key, error });
      }
    }
    this.#files.clear();
    return published;
  }

  /** The problems since the last call. */
  takeProblems(): FlushProblem[] {
    return this.#problems.splice(0);
  }
}
