import { KeyList } from './key-list.ts';

/** A set of byte strings, as small as `KeyList`. */
export class KeyTable {
  readonly #keys: KeyList;

  constructor(expected?: number) {
    this.#keys = new KeyList(expected);
  }

  get size(): number {
    return this.#keys.size;
  }

  /** Adds a key. False when it was there. */
  add(key: Uint8Array): boolean {
    const { size } = this.#keys;
    return this.#keys.add(key) === size;
  }

  has(key: Uint8Array): boolean {
    return this.#keys.find(key) >= 0;
  }
}
