import { hash, randomBytes } from 'node:crypto';

const WORDS = 4;
const LOAD_MAX = 0.6;
const SALT_BYTES = 16;

/**
 * A set of byte strings that costs 16 bytes an entry (over its load factor) whatever their length: it keeps
 * 128 bits of a salted SHA-256. A million keys take 32 MB; that two different keys meet is a 2⁻⁸⁸ chance
 * at a million, and the salt keeps a hostile device from preparing such a pair.
 */
export class KeyTable {
  #slots = new Uint32Array(1024 * WORDS);
  #size = 0;
  /** A salt, and room for what is hashed after it. */
  #input = Buffer.concat([randomBytes(SALT_BYTES)], 1024);
  readonly #words = new Uint32Array(WORDS);

  get size(): number {
    return this.#size;
  }

  /** Adds a key. False when it was there. */
  add(...parts: Uint8Array[]): boolean {
    if ((this.#size + 1) * WORDS > this.#slots.length * LOAD_MAX) this.#grow();
    const hash = this.#hash(parts);
    const slot = find(this.#slots, hash);
    if (this.#slots[slot] !== 0) return false;
    this.#slots.set(hash, slot);
    this.#size += 1;
    return true;
  }

  has(...parts: Uint8Array[]): boolean {
    return this.#size > 0 && this.#slots[find(this.#slots, this.#hash(parts))] !== 0;
  }

  /** The words are valid until the next call. */
  #hash(parts: Uint8Array[]): Uint32Array {
    let end = SALT_BYTES;
    for (const part of parts) {
      if (end + part.length > this.#input.length)
        this.#input = Buffer.concat([this.#input], 2 * (end + part.length));
      this.#input.set(part, end);
      end += part.length;
    }
    const words = this.#words;
    // Of all ways to hash a few bytes this one makes the least garbage.
    const digest = hash('sha256', this.#input.subarray(0, end), 'binary');
    for (let i = 0; i < WORDS; i += 1) words[i] = wordAt(digest, i * 4);
    // The first word marks a used slot.
    if (words[0] === 0) words[0] = 1;
    return words;
  }

  #grow(): void {
    const grown = new Uint32Array(this.#slots.length * 2);
    for (let at = 0; at < this.#slots.length; at += WORDS) {
      if (this.#slots[at] === 0) continue;
      const hash = this.#slots.subarray(at, at + WORDS);
      grown.set(hash, find(grown, hash));
    }
    this.#slots = grown;
  }
}

const wordAt = (digest: string, at: number): number =>
  digest.charCodeAt(at) |
  (digest.charCodeAt(at + 1) << 8) |
  (digest.charCodeAt(at + 2) << 16) |
  (digest.charCodeAt(at + 3) << 24);

/** The slot of a hash: where it is, or the free one where it belongs. */
function find(slots: Uint32Array, hash: Uint32Array): number {
  const count = slots.length / WORDS;
  let index = ((hash[1] ?? 0) % count) * WORDS;
  for (;;) {
    if (slots[index] === 0) return index;
    let same = true;
    for (let i = 0; i < WORDS; i += 1) same &&= slots[index + i] === hash[i];
    if (same) return index;
    index = (index + WORDS) % slots.length;
  }
}
