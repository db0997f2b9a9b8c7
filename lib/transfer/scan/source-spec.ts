import type { TakenChecksums, Verdict } from '../../stores/proof/prover.ts';
import type { Awaitable } from '../../stores/store.ts';
import type { StoreSpec } from '../../stores/store-spec.ts';
import type { ScanEntry } from './scan-list.ts';

/** Where a load takes its objects from. Plain data: it crosses to the threads. */
export type SourceSpec = TreeSource | ImageSource | StoreSource;

export interface StoreSource {
  kind: 'store';
  spec: StoreSpec;
  prefix: string;
  begin?: string;
  end?: string;
  /** Keys under this prefix are left out. */
  without?: string | undefined;
  /** Objects of which the store says nothing are read twice. */
  readTwice?: boolean;
}

export type SymlinkPolicy = 'skip' | 'follow';

/** A file that changes whenever it is read is left out, or taken as far as its size when it was opened. */
export type ChangingPolicy = 'leave-out' | 'take';

export interface TreeSource {
  kind: 'tree';
  root: string;
  symlinks: SymlinkPolicy;
  /** Left out when missing. */
  changing?: ChangingPolicy | undefined;
}

/** One object: what is on a block device, or the file at `path`. */
export interface ImageSource {
  kind: 'image';
  path: string;
  key: string;
}

/** An object being read. */
export interface SourceObject {
  /** As the scan saw it, or as it is now when it was opened `afresh`. */
  bytes: number;
  mtimeNs: bigint;
  mode: number;
  /** Fills the buffer from its start; 0 at the end. */
  read(buffer: Buffer): Awaitable<number>;
  /** Whether it is no longer that. */
  changed(): Awaitable<boolean>;
  /** Compares all that was read with what its store says of it; missing where there is no store, and of a directory. */
  prove?: ((taken: TakenChecksums) => Verdict) | undefined;
  /** Is read once more where its store says nothing of it. */
  readTwice?: boolean | undefined;
  close(): Awaitable<void>;
}

/**
 * Opens objects of a source, in one thread. What the scan saw of an object is believed until its bytes have
 * been read, which saves a call a file; `afresh` looks again first.
 * Errors, of the object's methods too: ObjectVanished, ObjectUnreadable, UnsupportedFileType.
 */
export type SourceOpener = (entry: ScanEntry, afresh: boolean) => Awaitable<SourceObject>;
