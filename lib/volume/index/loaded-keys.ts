import { KeyList } from './key-list.ts';

/** What tells one state of an object from another. */
export interface ObjectState {
  bytes: number;
  mtimeNs: bigint;
}

const FIRST_KEYS = 512;
const HAS_RECORD = 1;
const IS_DONE = 2;

/** The keys of a volume that is still being written, and which objects are whole on it. 49 bytes a key at most. */
export class LoadedKeys {
  readonly #keys: KeyList;
  #flags: Uint8Array;
  #bytes: Float64Array;
  /** Their last 64 bits: it is only asked whether they are the same. */
  #mtimes: BigInt64Array;

  constructor(expected = 0) {
    const keys = Math.max(FIRST_KEYS, expected);
    this.#keys = new KeyList(expected);
    this.#flags = new Uint8Array(keys);
    this.#bytes = new Float64Array(keys);
    this.#mtimes = new BigInt64Array(keys);
  }

  /** A record has the key that lies in a range of bytes. With `done`, that object is whole in this state. */
  addRecord(bytes: Uint8Array, from: number, to: number, done?: ObjectState): void {
    const number = this.#number(bytes, from, to);
    this.#flags[number] = (this.#flags[number] ?? 0) | HAS_RECORD;
    if (done) this.#setDone(number, done);
  }

  /** All that was made of an object in this state is whole, whatever keys it has. A later state takes its place. */
  addDone(key: Uint8Array, done: ObjectState): void {
    this.#setDone(this.#number(key, 0, key.length), done);
  }

  /** Whether the object is done in this very state; if not, whether a record has its key. */
  statusOf(key: Uint8Array, state: ObjectState): 'loaded' | 'outdated' | 'new' {
    const number = this.#keys.find(key);
    if (number < 0) return 'new';
    const flags = this.#flags[number] ?? 0;
    const isDone =
      (flags & IS_DONE) !== 0 &&
      this.#bytes[number] === state.bytes &&
      this.#mtimes[number] === BigInt.asIntN(64, state.mtimeNs);
    if (isDone) return 'loaded';
    return (flags & HAS_RECORD) !== 0 ? 'outdated' : 'new';
  }

  #setDone(number: number, { bytes, mtimeNs }: ObjectState): void {
    this.#flags[number] = (this.#flags[number] ?? 0) | IS_DONE;
    this.#bytes[number] = bytes;
    this.#mtimes[number] = mtimeNs;
  }

  #number(bytes: Uint8Array, from: number, to: number): number {
    const number = this.#keys.add(bytes, from, to);
    if (number === this.#flags.length) this.#grow();
    return number;
  }

  #grow(): void {
    const size = this.#flags.length * 2;
    const flags = new Uint8Array(size);
    const bytes = new Float64Array(size);
    const mtimes = new BigInt64Array(size);
    flags.set(this.#flags);
    bytes.set(this.#bytes);
    mtimes.set(this.#mtimes);
    this.#flags = flags;
    this.#bytes = bytes;
    this.#mtimes = mtimes;
  }
}
