import type { WaybillError } from '../domain/errors.ts';
import type { KeyRules } from '../domain/object-keys.ts';
import type { StoreKind } from '../domain/words.ts';
import type { Prover } from './proof/prover.ts';
import type { KeyRange } from './range/key-range.ts';
import type { RemoteCapabilities } from './store-spec.ts';

/** Engine code awaits only when it must: local stores answer at once, remote ones with a promise. */
export type Awaitable<T> = T | Promise<T>;

/** An object as a listing shows it. Keys are bytes; sizes bytes. */
export interface StoredObject {
  key: Buffer;
  bytes: number;
  /** Its metadata could not be asked for: time and mode are not its own. */
  isBare?: boolean | undefined;
  mtimeNs: bigint;
  /** Permission bits, 0o777 at most. */
  mode: number;
}

/** An object about to be written, with the checksums its bytes must have where they are known beforehand. */
export interface NewObject extends StoredObject {
  sha256?: Buffer;
  crc32?: number;
  /** ObjectExists when the key holds an object by then, where the store can tell. */
  onlyIfAbsent?: boolean;
  /** Kept with the object where the store has a place for it (HTTP's Content-Encoding, Content-Type). */
  contentEncoding?: string;
  contentType?: string;
}

/** How an object is sent: in one piece, or in parts where the store has those. */
export type ProbeForm = 'whole' | 'parts';

/** Whether an object's bytes are compared for the first time, or `again` after they differed. */
export type Proving = 'first' | 'again';

/** Reads one object from start to end. */
export interface ObjectReader {
  /** What is being read, where the store says so on opening: it cannot change under the reader. */
  readonly object?: StoredObject;
  /** Told every byte, it compares them with what the store says; only when it was opened for that. */
  readonly prover?: Prover | undefined;
  /** Fills `buffer` from `offset` with at most `length` bytes; 0 at the end. */
  read(buffer: Uint8Array, offset: number, length: number): Awaitable<number>;
  close(): Awaitable<void>;
}

/** Writes one object. Nothing is visible under the key before `commit`; `abort` leaves no trace. */
export interface ObjectWriter {
  write(chunk: Uint8Array): Awaitable<void>;
  commit(): Awaitable<void>;
  abort(): Awaitable<void>;
  /** Gives up for now: what was sent stays, so that a later run can go on there. As `abort` when missing. */
  suspend?(): Awaitable<void>;
  /** After the commit: what the store has no place for, though it took the object. */
  lost?(): string | undefined;
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
 * - One that was opened with a signal ends what it is doing when that aborts, with Stopped; local ones need none.
 * - Errors: BucketNotFound, StoreUnavailable, StoreRefuses, StoreFull, KeyRefused, StoreKeyConflict, ObjectVanished; of remote
 *   stores also ObjectExists, ObjectRefused, ObjectArchived, ChecksumMismatch.
 */
export interface Store {
  readonly kind: StoreKind;
  readonly keyRules: KeyRules;
  /** How many objects may be on their way at once; more than one pays where answers take time. */
  readonly concurrency: number;
  /** Objects of more bytes go in parts; none do when missing. */
  readonly partsOver?: number;
  /** Proves that the bucket can be listed, written, read and deleted from. Of a remote one, what it can do. */
  check(): Awaitable<RemoteCapabilities | undefined>;
  /**
   * Proves that an object of so many bytes, as far as trying costs little, can be written, read and deleted under a key that
   * begins with `stem`: what then stands in the way of another one there is its own affair. Returns how many bytes were tried.
   * Throws BucketNotFound, StoreRefuses, StoreFull, StoreUnavailable.
   */
  probe(stem: Uint8Array, bytes: number, form?: ProbeForm): Awaitable<number>;
  /** Objects in byte order of their keys, from `begin` to `end`, both inclusive, under `prefix`. */
  list(range: KeyRange): AsyncIterable<StoredObject>;
  stat(key: Uint8Array): Awaitable<StoredObject | undefined>;
  /** With `proving`, a reader comes with a prover where the store says anything of its objects' bytes. */
  open(key: Uint8Array, proving?: Proving): Awaitable<ObjectReader>;
  put(object: NewObject): Awaitable<ObjectWriter>;
  /** Told which keys will be asked for next, a remote store finds out with few questions which are there. */
  expect?(keys: Buffer[]): Promise<void>;
  /** Whether the store's object has these bytes, as far as it can tell without sending them; else undefined. */
  holds?(object: NewObject): Promise<boolean | undefined>;
  /** Whether the store's object was put as these very bytes, whatever they are now. */
  claims?(object: NewObject): Promise<boolean>;
  flush(): Awaitable<FlushProblem[]>;
  close(): Awaitable<void>;
}

/** An object whose commit failed after all. */
export interface FlushProblem {
  key: Buffer;
  error: WaybillError;
}
