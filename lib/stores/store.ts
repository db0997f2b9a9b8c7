import type { KeyRules } from '../domain/object-keys.ts';
import type { StoreKind } from '../domain/words.ts';
import type { KeyRange } from './key-range.ts';
import type { FlushProblem } from './pending-files.ts';

/** Engine code awaits only when it must: local stores answer at once, remote ones with a promise. */
export type Maybe<T> = T | Promise<T>;

/** How to reach a store. Plain data, so that it can cross to a worker thread or be kept as JSON. */
export interface StoreSpec {
  kind: StoreKind;
  /** Absolute directory that holds the buckets (directory store and the embedded stand-ins). */
  root: string;
  bucket: string;
}

/** An object as a listing shows it. Keys are bytes; sizes bytes. */
export interface StoredObject {
  key: Buffer;
  bytes: number;
  mtimeNs: bigint;
  /** Permission bits, 0o777 at most. */
  mode: number;
}

/** An object about to be written, with the checksums its bytes must have where they are known beforehand. */
export interface NewObject extends StoredObject {
  sha256?: Buffer;
  crc32?: number;
}

/** Reads one object from start to end. */
export interface ObjectReader {
  /** Fills `buffer` from `offset` with at most `length` bytes; 0 at the end. */
  read(buffer: Uint8Array, offset: number, length: number): Maybe<number>;
  close(): Maybe<void>;
}

/** Writes one object. Nothing is visible under the key before `commit`; `abort` leaves no trace. */
export interface ObjectWriter {
  write(chunk: Uint8Array): Maybe<void>;
  commit(): Maybe<void>;
  abort(): Maybe<void>;
}

/** The writer of a local store, which answers at once. */
export interface SyncWriter extends ObjectWriter {
  write(chunk: Uint8Array): void;
  commit(): void;
  abort(): void;
}

/**
 * A store: buckets with objects under keys.
 * - `put` … `commit` replaces what the key held; whether that may happen is the engine's decision.
 * - A committed object can be seen through this opened store at once and through others from the next flush.
 * - After `flush` resolves, everything committed before survives a power failure, but for the objects that it
 *   returns: another writer has put something in their way (StoreKeyConflict).
 * - A key that ends in `/` is an empty directory and has no bytes.
 * - Errors: BucketNotFound, StoreUnavailable, StoreFull, KeyRefused, StoreKeyConflict, ObjectVanished.
 */
export interface Store {
  readonly kind: StoreKind;
  readonly keyRules: KeyRules;
  /** Proves that the bucket is there and can be listed, written and read. */
  check(): Maybe<void>;
  /** Objects in byte order of their keys, from `begin` to `end`, both inclusive, under `prefix`. */
  list(range: KeyRange): AsyncIterable<StoredObject>;
  stat(key: Uint8Array): Maybe<StoredObject | undefined>;
  open(key: Uint8Array): Maybe<ObjectReader>;
  put(object: NewObject): Maybe<ObjectWriter>;
  flush(): Maybe<FlushProblem[]>;
  close(): Maybe<void>;
}
