import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { isSealed } from '../../volume/label.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import type { Problem } from '../progress/problem-log.ts';
import { type CheckedSeal, readSeal } from './seal.ts';

/** What somebody else knows of a volume's seal: a clone of an earlier state has a valid one as well. */
export interface KnownState {
  /** Who knows it, for people: "this host", "the console". */
  by: string;
  sealDigest: string;
  /** ISO 8601. */
  sealedAt: string;
}

/** How a volume stands by its seal. `unchecked`: there is one, and no certificate to check it with. */
export type SealState =
  | 'sealed'
  | 'not-sealed'
  | 'missing'
  | 'invalid'
  | 'superseded'
  | 'unchecked';

export interface SealCheck {
  state: SealState;
  /** The seal that verifies, also when another one is known. */
  seal?: CheckedSeal | undefined;
  /** Who knows this very seal. */
  knownBy: string[];
  /** Nobody who was asked knows it, and it is later than what they know. */
  isNewer: boolean;
  problem?: Problem | undefined;
}

/** Compares the seal of a volume with what is known of it. */
export function checkSealState(
  options: VolumeSpec & {
    caPem?: string | undefined;
    knownStates?: readonly KnownState[] | undefined;
  },
): SealCheck {
  const { deviceDir, caPem, knownStates: known = [] } = options;
  const latest = latestOf(known);
  const found = { knownBy: [], isNewer: false };
  if (!isSealed(deviceDir)) {
    if (!latest) return { ...found, state: 'not-sealed' };
    const problem = problemOf('SealMissing', { by: latest.by, known: latest.sealDigest });
    return { ...found, state: 'missing', problem };
  }
  if (caPem === undefined) return { ...found, state: 'unchecked' };
  let seal: CheckedSeal;
  try {
    const preferred = latest && [latest.sealDigest];
    seal = readSeal({ ...options, caPem, known: undefined, preferred });
  } catch (error) {
    const isSeals = isWaybillError(error, 'SignatureInvalid', 'VolumeInvalid', 'WrongJobDevice');
    if (!isSeals) throw error;
    const { code, message } = error;
    return { ...found, state: 'invalid', problem: { key: '', code, message } };
  }
  const knownBy = known.filter((one) => one.sealDigest === seal.digest).map(({ by }) => by);
  const isLatest = !latest || latest.sealDigest === seal.digest;
  const isNewer =
    !isLatest &&
    knownBy.length === 0 &&
    Date.parse(seal.summary.sealedAt) > Date.parse(latest.sealedAt);
  if (isLatest || isNewer) return { state: 'sealed', seal, knownBy, isNewer };
  const problem = problemOf('SealSuperseded', { found: seal.digest, known: latest.sealDigest });
  return { state: 'superseded', seal, knownBy, isNewer, problem };
}

/**
 * Holds that a volume is not an earlier state than what is known, and has its seal if one is known. Throws SealSuperseded,
 * SealMissing.
 */
export function requireLatestSeal(
  options: VolumeSpec & { caPem: string; knownStates: readonly KnownState[] },
): void {
  const { state, seal } = checkSealState(options);
  const latest = latestOf(options.knownStates);
  if (state === 'superseded' && seal && latest)
    throw new WaybillError('SealSuperseded', { found: seal.digest, known: latest.sealDigest });
  if (state === 'missing' && latest)
    throw new WaybillError('SealMissing', { by: latest.by, known: latest.sealDigest });
}

function latestOf(known: readonly KnownState[]): KnownState | undefined {
  return [...known].sort((a, b) => Date.parse(b.sealedAt) - Date.parse(a.sealedAt))[0];
}

/** A problem of the volume as a whole. */
export function problemOf(...[code, facts]: ConstructorParameters<typeof WaybillError>): Problem {
  return { key: '', code, message: new WaybillError(code, facts).message };
}
