import { createHash, randomBytes } from 'node:crypto';

const WORDS = 4;
const LOAD_MAX = 0.6;

/**
 * A set of byte strings that costs 16 bytes an entry (over its load factor) whatever their length: it keeps
 * 128 bits of a salted SHA-256. A million keys take 32 MB; that two different keys meet is a 2⁻⁸⁸ chance
 * at a million, and the salt keeps a hostile device from preparing such a pair.
 */
export class KeyTable {
  #slots = new Uint32Array(1024 * WORDS);
  #size = 0;
  readonly #salt = randomBytes(16);

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
    return this.#slots[find(this.#slots, this.#hash(parts))] !== 0;
  }

  #hash(parts: Uint8Array[]): Uint32Array {
    const sha256 = createHash('sha256').update(this.#salt);
    for (const part of parts) sha256.update(part);
    const digest = sha256.digest();
    const words = new Uint32Array(WORDS);
    for (let i = 0; i < WORDS; i += 1) words[i] = digest.readUInt32LE(i * 4);
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
