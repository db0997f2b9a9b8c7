import type { ErrorCode } from './errors.ts';

/** How often an unload tries one object, by what went wrong with it. One table; the pauses lie between the attempts. */

/**
 * - `own`: it is this object's affair and trying again changes nothing.
 * - `volume`: the device gave other bytes than the site read; they are read once more.
 * - `hurt`: bytes were damaged on the way to the store, or back.
 * - `doubtful`: the object's affair, or that of all of them: the store's probe says which.
 */
export type ObjectFault = 'own' | 'volume' | 'hurt' | 'doubtful';

const FAULTS: Partial<Record<ErrorCode, ObjectFault>> = {
  FrameDamaged: 'own',
  PayloadDamaged: 'own',
  VolumeInvalid: 'own',
  KeyRefused: 'own',
  ObjectKindUnknown: 'own',
  StoreKeyConflict: 'own',
  ObjectExists: 'own',
  ObjectVanished: 'own',
  ObjectArchived: 'own',
  ChecksumMismatch: 'hurt',
  ObjectRefused: 'doubtful',
  StoreUnavailable: 'doubtful',
  StoreRefuses: 'doubtful',
  StoreFull: 'doubtful',
  BucketNotFound: 'doubtful',
};

/** Undefined for what ends the whole operation. */
export const objectFault = (code: ErrorCode): ObjectFault | undefined => FAULTS[code];

/** Milliseconds before each attempt after the first. */
export type ObjectPauses = Record<ObjectFault, readonly number[]>;
export const OBJECT_PAUSES_MS: ObjectPauses = {
  own: [],
  volume: [0],
  hurt: [500, 1000, 3000, 8000],
  doubtful: [1000, 4000],
};

/** What an object fails with when the store refuses it and takes others. */
export const REFUSED_OBJECT: readonly ErrorCode[] = ['ObjectRefused', 'ObjectUnanswered'];
