import { isWaybillError } from '../domain/errors.ts';
import type { Store } from '../stores/store.ts';

/** A probe that runs, and the one that waits for its end. */
interface Probing {
  running: Promise<void>;
  next: Promise<void> | undefined;
}

const SLASH = 0x2f;

/**
 * Says of an error whether it is one object's or the store's as a whole: not by the error, but by the store's own probe, run
 * after it. Many objects that fail at once share a probe.
 */
export class StoreJudge {
  readonly #store: Pick<Store, 'probe'>;
  /** The prefix of the job: where its objects begin. */
  readonly #home: Buffer;
  readonly #probes = new Map<string, Probing>();

  constructor(store: Pick<Store, 'probe'>, prefix: string) {
    this.#store = store;
    this.#home = Buffer.from(prefix);
  }

  /**
   * `object`: another one beside it would be taken. `folder`: none in its folder, but others of the job. Throws what the
   * store says when it takes none at all.
   */
  async judge(key: Buffer, bytes: number): Promise<'object' | 'folder'> {
    const stem = this.#stemOf(key);
    try {
      await this.#probed(stem, bytes);
      return 'object';
    } catch (error) {
      if (!isWaybillError(error) || stem.equals(this.#home)) throw error;
    }
    await this.#probed(this.#home, bytes);
    return 'folder';
  }

  /** What lies beside a key: its folder, within the prefix. */
  #stemOf(key: Buffer): Buffer {
    const folder = key.subarray(0, key.lastIndexOf(SLASH) + 1);
    return folder.length > this.#home.length ? folder : this.#home;
  }

  /** A probe that began after this call. */
  #probed(stem: Buffer, bytes: number): Promise<void> {
    const name = `${stem.toString('latin1')} ${bytes}`;
    const probing = this.#probes.get(name);
    if (!probing) return this.#begin(name, stem, bytes);
    probing.next ??= probing.running
      .catch(() => undefined)
      .then(() => this.#begin(name, stem, bytes));
    return probing.next;
  }

  #begin(name: string, stem: Buffer, bytes: number): Promise<void> {
    const probe = async () => {
      await this.#store.probe(stem, bytes);
    };
    const probing: Probing = { running: probe(), next: undefined };
    this.#probes.set(name, probing);
    const forget = () => {
      if (!probing.next) this.#probes.delete(name);
    };
    probing.running.then(forget, forget);
    return probing.running;
  }
}
