import { createHash, randomBytes } from 'node:crypto';
import { invariant } from '../../domain/invariant.ts';

/** What crosses to a thread. */
export interface KeysShared {
  slots: SharedArrayBuffer;
  salt: Uint8Array;
}

const FIRST_SLOTS = 4096;
/** Slot 0 counts. */
const COUNT = 0;
const LOAD_MAX = 0.6;

/**
 * A set of keys in memory that threads share: 64 bits of a salted SHA-256 for each. Two different keys of a million
 * meet once in 37 million loads; the load then refuses, or reports, a clash that is none. It grows until it is shared.
 */
export class SharedKeys {
  #slots: BigUint64Array;
  readonly #salt: Uint8Array;

  constructor(shared?: KeysShared) {
    this.#slots = new BigUint64Array(shared?.slots ?? newSlots(FIRST_SLOTS));
    this.#salt = shared?.salt ?? randomBytes(16);
  }

  /** The memory to share, with room for so many more keys. Nothing grows from then on. */
  share(more: number): KeysShared {
    const needed = Math.ceil((this.#count + more) / LOAD_MAX) + 1;
    while (this.#slots.length < needed) this.#grow();
    const slots = this.#slots.buffer;
    invariant(slots instanceof SharedArrayBuffer, 'keys lie in shared memory');
    return { slots, salt: this.#salt };
  }

  /** Adds a key. False when it was there, or when a set that is shared is full. */
  add(key: Uint8Array | string, growing = false): boolean {
    if (this.#count + 1 > (this.#slots.length - 1) * LOAD_MAX) {
      if (!growing) return false;
      this.#grow();
    }
    const hash = this.#hash(key);
    for (let at = this.#first(hash); ; at = this.#after(at)) {
      const found = Atomics.compareExchange(this.#slots, at, 0n, hash);
      if (found === hash) return false;
      if (found !== 0n) continue;
      Atomics.add(this.#slots, COUNT, 1n);
      return true;
    }
  }

  has(key: Uint8Array | string): boolean {
    const hash = this.#hash(key);
    for (let at = this.#first(hash); ; at = this.#after(at)) {
      const found = Atomics.load(this.#slots, at);
      if (found === hash) return true;
      if (found === 0n) return false;
    }
  }

  get #count(): number {
    return Number(Atomics.load(this.#slots, COUNT));
  }

  #first(hash: bigint): number {
    return 1 + Number(hash % BigInt(this.#slots.length - 1));
  }

  #after(at: number): number {
    return at + 1 === this.#slots.length ? 1 : at + 1;
  }

  #hash(key: Uint8Array | string): bigint {
    const hash = createHash('sha256').update(this.#salt).update(key).digest().readBigUInt64LE(0);
    return hash === 0n ? 1n : hash;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new BigUint64Array(newSlots((old.length - 1) * 2));
    this.#slots[COUNT] = old[COUNT] ?? 0n;
    for (const hash of old.subarray(1)) {
      if (hash === 0n) continue;
      let at = this.#first(hash);
      while (this.#slots[at] !== 0n) at = this.#after(at);
      this.#slots[at] = hash;
    }
  }
}

const newSlots = (slots: number): SharedArrayBuffer =>
  new SharedArrayBuffer((slots + 1) * BigUint64Array.BYTES_PER_ELEMENT);
