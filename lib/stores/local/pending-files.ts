import { renameSync, rmSync } from 'node:fs';
import { isWaybillError } from '../../domain/errors.ts';
import type { FlushProblem } from '../store.ts';
import { storeError } from '../store-errors.ts';

/**
 * Files that are complete and wait for their names. A file gets its name only when its bytes are durable, so
 * that not even a power failure shows a torn one, and they become durable together, which is cheaper.
 */
export class PendingFiles {
  /** Where the bytes are, complete, by key in latin1: there are thousands, and text takes the least memory. */
  readonly #files = new Map<string, string>();
  readonly #problems: FlushProblem[] = [];

  get size(): number {
    return this.#files.size;
  }

  /** Where the bytes of a file are that has no name yet. `key` in latin1. */
  find(key: string): string | undefined {
    return this.#files.get(key);
  }

  /** Takes the place of an earlier one under the same key. */
  add(key: Buffer, temporary: string): void {
    const name = key.toString('latin1');
    const earlier = this.#files.get(name);
    if (earlier) rmSync(earlier, { force: true });
    this.#files.set(name, temporary);
  }

  temporaries(): Iterable<string> {
    return this.#files.values();
  }

  /**
   * Gives every file the name that `pathOf` says. What keeps one from it is a problem of its own: whether it would keep all
   * others, too, a probe says.
   */
  publish(pathOf: (key: Buffer) => Buffer): string[] {
    const published: string[] = [];
    for (const [name, temporary] of this.#files) {
      const key = Buffer.from(name, 'latin1');
      const target = pathOf(key);
      try {
        renameSync(temporary, target);
        published.push(name);
      } catch (cause) {
        const error = storeError(cause);
        if (!isWaybillError(error)) throw error;
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
