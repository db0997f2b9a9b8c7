import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import {
  OBJECT_PAUSES_MS,
  type ObjectFault,
  type ObjectPauses,
  objectFault,
} from '../../domain/object-attempts.ts';
import { Stopped } from '../../domain/stopped.ts';
import type { StoreJudge } from '../judge/store-judge.ts';
import type { Control } from '../threads/control.ts';

/** What trying an object needs. */
export interface Attempting {
  judge: Pick<StoreJudge, 'judge'>;
  control: Control;
  /** The table's own when missing. */
  pausesMs?: ObjectPauses | undefined;
}

/** An object that could not be written, though others can. */
export class ObjectFailed extends Error {
  readonly error: WaybillError;
  readonly attempts: number;

  constructor(error: WaybillError, attempts: number) {
    super(error.message, { cause: error });
    this.error = error;
    this.attempts = attempts;
  }
}

/** What came of an attempt: a value, or how long to wait before the next one. */
type Tried<T> = { value: T } | { pauseMs: number };

/** An attempt that was made before others. */
export interface EarlierAttempt {
  attempt: number;
  pauseMs: number;
}

/**
 * Writes or reads one object: what was hurt on the way, and what the store refused though it takes others, is tried again, a bounded
 * number of times, from the attempt after `earlier` on. Throws ObjectFailed when that did not help, and at once what is the
 * store's as a whole.
 */
export async function tryObject<T>(
  attempting: Attempting,
  object: { key: Buffer; bytes: number },
  work: () => Promise<T>,
  earlier?: EarlierAttempt,
): Promise<{ value: T; attempts: number }> {
  if (earlier) await rest(earlier.pauseMs, attempting.control);
  for (let attempt = (earlier?.attempt ?? 0) + 1; ; attempt += 1) {
    const tried = await tryOnce(attempting, object, attempt, work);
    if ('value' in tried) return { value: tried.value, attempts: attempt };
    await rest(tried.pauseMs, attempting.control);
  }
}

/** One attempt of `tryObject`. Throws ObjectFailed when there is to be no other. */
export async function tryOnce<T>(
  { judge, control, pausesMs = OBJECT_PAUSES_MS }: Attempting,
  { key, bytes }: { key: Buffer; bytes: number },
  attempt: number,
  work: () => Promise<T>,
): Promise<Tried<T>> {
  if (control.stopped) throw new Stopped();
  try {
    return { value: await work() };
  } catch (error) {
    // What was interrupted says nothing of the object, nor of the store.
    if (control.stopped) throw new Stopped();
    const fault = faultOf(error);
    if (!fault || !isWaybillError(error)) throw error;
    const verdict = fault === 'doubtful' ? await judge.judge(key, bytes, error) : 'object';
    const pauseMs = verdict === 'object' ? pausesMs[fault][attempt - 1] : undefined;
    if (pauseMs !== undefined) return { pauseMs };
    throw new ObjectFailed(fault === 'doubtful' ? named(error, attempt) : error, attempt);
  }
}

function faultOf(error: unknown): ObjectFault | undefined {
  if (!isWaybillError(error)) return undefined;
  return error.facts.read === 'volume' ? 'volume' : objectFault(error.code);
}

/** What the store said of one object, though it takes others. */
export function named(error: WaybillError, attempts: number): WaybillError {
  if (error.code === 'ObjectRefused') return error;
  const detail = String(error.facts.detail ?? error.message);
  return error.code === 'StoreUnavailable'
    ? new WaybillError('ObjectUnanswered', { attempts, detail }, { cause: error })
    : new WaybillError('ObjectRefused', { detail: error.message }, { cause: error });
}

const SLICE_MS = 100;

/** Pauses; ends early when the transfer is told to stop. */
async function rest(ms: number, control: Control): Promise<void> {
  const until = Date.now() + ms;
  for (;;) {
    if (control.stopped) throw new Stopped();
    const left = until - Date.now();
    if (left <= 0) return;
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, SLICE_MS)));
  }
}
