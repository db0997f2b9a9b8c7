import { isWaybillError, WaybillError } from '../domain/errors.ts';
import {
  OBJECT_PAUSES_MS,
  type ObjectFault,
  type ObjectPauses,
  objectFault,
} from '../domain/object-attempts.ts';
import { type Control, Stopped } from './control.ts';
import type { StoreJudge } from './store-judge.ts';

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

/**
 * Writes or reads one object: what was hurt on the way, and what the store refused though it takes others, is tried again, a bounded
 * number of times. Throws ObjectFailed when that did not help, and at once what is the store's as a whole.
 */
export async function tryObject<T>(
  attempting: Attempting,
  { key, bytes }: { key: Buffer; bytes: number },
  work: (attempt: number) => Promise<T>,
): Promise<{ value: T; attempts: number }> {
  const { control, pausesMs = OBJECT_PAUSES_MS } = attempting;
  for (let attempt = 1; ; attempt += 1) {
    if (control.stopped) throw new Stopped();
    try {
      return { value: await work(attempt), attempts: attempt };
    } catch (error) {
      const fault = faultOf(error);
      if (!fault || !isWaybillError(error)) throw error;
      const verdict =
        fault === 'doubtful' ? await attempting.judge.judge(key, sizeOf(error, bytes)) : 'object';
      const pause = verdict === 'object' ? pausesMs[fault][attempt - 1] : undefined;
      if (pause === undefined)
        throw new ObjectFailed(fault === 'doubtful' ? named(error, attempt) : error, attempt);
      await rest(pause, control);
    }
  }
}

function faultOf(error: unknown): ObjectFault | undefined {
  if (!isWaybillError(error)) return undefined;
  return error.facts.read === 'volume' ? 'volume' : objectFault(error.code);
}

/** A line has room where an object has none. */
const sizeOf = ({ code }: WaybillError, bytes: number): number =>
  code === 'StoreFull' ? bytes : 1;

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
