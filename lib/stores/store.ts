import type { KeyRules } from '../domain/object-keys.ts';
import type { StorageClass } from '../domain/storage-classes.ts';
import type { StoreKind } from '../domain/words.ts';
import type { FlushProblem } from './local/pending-files.ts';
import type { Prover } from './proof/prover.ts';
import type { KeyRange } from './range/key-range.ts';

/** Engine code awaits only when it must: local stores answer at once, remote ones with a promise. */
export type Maybe<T> = T | Promise<T>;

/** A bucket that lies in a directory: the directory store and the embedded stand-ins. */
export interface FolderSpec {
  kind: StoreKind;
  bucket: string;
  /** Absolute directory that holds the buckets. */
  root: string;
  /** The id in the bucket's marker (bucket-marker.ts), where it is known: what does not have it is not the bucket. */
  marker?: string | undefined;
  /** It is a directory to restore into: names may be as long as the system's paths. */
  isTree?: boolean | undefined;
  /** The bucket lies on a device: all of its folders are on one file system, and it is the same directory to the end. */
  isOneFileSystem?: boolean | undefined;
}

/** A bucket behind an endpoint. */
export interface RemoteSpec {
  kind: StoreKind;
  bucket: string;
  remote: RemotePlace;
}

/** How to reach a store. Plain data, so that it can cross to a worker thread. */
export type StoreSpec = FolderSpec | RemoteSpec;

/** What anyone may know of an endpoint. */
export interface RemoteSettings {
  /** URL; empty for AWS's own endpoint of the region. */
  endpoint: string;
  region: string;
  /** Whether the bucket is in the path of a URL, as most endpoints but AWS's want it, or in its host name. */
  pathStyle: boolean;
  /** Of new objects; the bucket's own when missing. */
  storageClass?: StorageClass | undefined;
  /** How the store encrypts new objects; its own choice when missing. */
  encryption?: RemoteEncryption | undefined;
  /** `opaque`: ETags of one part are no MD5 here. Other stores say so by their form, or by their encryption. */
  etags?: 'opaque' | undefined;
}

/** Server-side encryption: with keys of the store, or with a key of AWS KMS (ARN, id or alias). */
export type RemoteEncryption = { mode: 'AES256' } | { mode: 'aws:kms'; keyId?: string | undefined };

/** An endpoint with the secret that opens it. Never written to a disk, a log or a report. */
export interface RemotePlace extends RemoteSettings {
  credentials: RemoteCredentials;
  /** What `check` found out, so that other threads need not ask again. */
  abilities?: RemoteAbilities | undefined;
  /** File that remembers uploads of large objects, so that a later run can go on with them. */
  uploadsFile?: string | undefined;
  /** How often a request is sent at most; only tests say so. */
  attempts?: number | undefined;
  /** Milliseconds after which a silent request is given up; only tests say so. */
  silenceMs?: number | undefined;
  /** Nothing is waited for before it is tried again; only tests say so. */
  hurry?: boolean | undefined;
}

export interface RemoteCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

/** What an endpoint does with what it is told; found out by trying. */
export interface RemoteAbilities {
  /** Refuses to replace an object when asked to (If-None-Match). */
  conditionalPut: boolean;
  /** Whether it refuses bytes that have not the CRC-32 they come with, takes no notice, or wants no CRC-32. */
  crc32: 'verified' | 'ignored' | 'refused';
  /** Refuses bytes that have not the SHA-256 that the request's signature covers. */
  sha256: boolean;
  /** Refuses bytes that have not the Content-MD5 they come with. */
  md5: boolean;
}

/** A place in a store, for people: without what opens it. */
export function destinationOf(spec: StoreSpec, prefix: string): string {
  const place = 'root' in spec ? spec.root : spec.remote.endpoint || spec.remote.region;
  return `${spec.kind}:${place}/${spec.bucket}/${prefix}`;
}

/** What of a spec may be written down: all but the secret and what was found out. */
export function publicSpec(spec: StoreSpec): object {
  if ('root' in spec) {
    const { marker: _, ...place } = spec;
    return place;
  }
  const { credentials: _, abilities: __, uploadsFile: ___, ...remote } = spec.remote;
  const { attempts: ____, hurry: _____, silenceMs: ______, ...settings } = remote;
  return { kind: spec.kind, bucket: spec.bucket, ...settings };
}

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
  read(buffer: Uint8Array, offset: number, length: number): Maybe<number>;
  close(): Maybe<void>;
}

/** Writes one object. Nothing is visible under the key before `commit`; `abort` leaves no trace. */
export interface ObjectWriter {
  write(chunk: Uint8Array): Maybe<void>;
  commit(): Maybe<void>;
  abort(): Maybe<void>;
  /** Gives up for now: what was sent stays, so that a later run can go on there. As `abort` when missing. */
  suspend?(): Maybe<void>;
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
  readonly lanes: number;
  /** Objects of more bytes go in parts; none do when missing. */
  readonly partsOver?: number;
  /** Proves that the bucket can be listed, written, read and deleted from. Of a remote one, what it can do. */
  check(): Maybe<RemoteAbilities | undefined>;
  /**
   * Proves that an object of so many bytes, as far as trying costs little, can be written, read and deleted under a key that
   * begins with `stem`: what then stands in the way of another one there is its own affair. Returns how many bytes were tried.
   * Throws BucketNotFound, StoreRefuses, StoreFull, StoreUnavailable.
   */
  probe(stem: Uint8Array, bytes: number, form?: ProbeForm): Maybe<number>;
  /** Objects in byte order of their keys, from `begin` to `end`, both inclusive, under `prefix`. */
  list(range: KeyRange): AsyncIterable<StoredObject>;
  stat(key: Uint8Array): Maybe<StoredObject | undefined>;
  /** With `proving`, a reader comes with a prover where the store says anything of its objects' bytes. */
  open(key: Uint8Array, proving?: Proving): Maybe<ObjectReader>;
  put(object: NewObject): Maybe<ObjectWriter>;
  /** Told which keys will be asked for next, a remote store finds out with few questions which are there. */
  expect?(keys: Buffer[]): Promise<void>;
  /** Whether the store's object has these bytes, as far as it can tell without sending them; else undefined. */
  holds?(object: NewObject): Promise<boolean | undefined>;
  /** Whether the store's object was put as these very bytes, whatever they are now. */
  claims?(object: NewObject): Promise<boolean>;
  flush(): Maybe<FlushProblem[]>;
  close(): Maybe<void>;
}
