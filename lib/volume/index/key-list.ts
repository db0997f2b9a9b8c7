import { HASH_WORDS, KeyHash } from './key-hash.ts';

const LOAD_MAX = 0.5;
const FIRST_KEYS = 512;

/**
 * Different byte strings, numbered in the order in which they came. Each costs 24 to 32 bytes whatever its length: it
 * keeps a hash of 128 bits, and finds that by an open table of the numbers. That two different keys meet is a
 * 2⁻⁸⁸ chance at a million, and the hash's secret keeps a hostile device from preparing such a pair.
 */
export class KeyList {
  #hashes: Uint32Array;
  /** Number of a key, plus one; 0 is free. Its length is a power of two. */
  #slots: Int32Array;
  #size = 0;
  /** The number that is asked for next, if keys are asked for in the order in which they came. */
  #expected = 0;
  readonly #hash = new KeyHash();

  /** With as many keys as expected it never grows, which would leave half of its memory to be collected. */
  constructor(expected = 0) {
    const keys = Math.max(FIRST_KEYS, expected);
    this.#hashes = new Uint32Array(keys * HASH_WORDS);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(keys / LOAD_MAX)));
  }

  get size(): number {
    return this.#size;
  }

  /** The number of a key; -1 when it is not there. */
  find(bytes: Uint8Array, from = 0, to = bytes.length): number {
    if (this.#size === 0) return -1;
    const words = this.#hash.of(bytes, from, to);
    // Saves a look into the table, which lies all over the memory: that takes as long as to hash.
    if (this.#expected < this.#size && this.#isHashOf(this.#expected, words)) {
      this.#expected += 1;
      return this.#expected - 1;
    }
    const found = (this.#slots[this.#slot(words)] ?? 0) - 1;
    if (found >= 0) this.#expected = found + 1;
    return found;
  }

  /** The number of a key, which is the size before the call when it is new. */
  add(bytes: Uint8Array, from = 0, to = bytes.length): number {
    const words = this.#hash.of(bytes, from, to);
    let slot = this.#slot(words);
    const found = (this.#slots[slot] ?? 0) - 1;
    if (found >= 0) return found;
    if (this.#size * HASH_WORDS === this.#hashes.length) {
      this.#grow();
      slot = this.#slot(words);
    }
    this.#hashes.set(words, this.#size * HASH_WORDS);
    this.#size += 1;
    this.#slots[slot] = this.#size;
    return this.#size - 1;
  }

  /** The slot of the hash: where its number is, or the free one where that belongs. */
  #slot(words: Uint32Array): number {
    const mask = this.#slots.length - 1;
    for (let slot = (words[0] ?? 0) & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot] ?? 0;
      if (number === 0 || this.#isHashOf(number - 1, words)) return slot;
    }
  }

  #isHashOf(number: number, words: Uint32Array): boolean {
    const at = number * HASH_WORDS;
    for (let i = 0; i < HASH_WORDS; i += 1) if (this.#hashes[at + i] !== words[i]) return false;
    return true;
  }

  #grow(): void {
    const hashes = new Uint32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    if (hashes.length / HASH_WORDS <= this.#slots.length * LOAD_MAX) return;
    this.#slots = new Int32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let number = 0; number < this.#size; number += 1) {
      let slot = (hashes[number * HASH_WORDS] ?? 0) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number + 1;
    }
  }
}
