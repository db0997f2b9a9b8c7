import { type Facts, isWaybillError, type WaybillError } from '../domain/errors.ts';
import type { Action } from '../domain/lifecycle.ts';
import type { JobState } from '../domain/words.ts';
import type { Actor } from './actor.ts';
import type { ConsoleDatabase } from './db/client.ts';
import { act, type NewShipment } from './transitions.ts';

/** What became of one job: its new state, or the refusal. */
export type BulkResult =
  | { jobId: string; state: JobState; error: null }
  | {
      jobId: string;
      state: null;
      error: { code: string; message: string; next: string; facts: Facts };
    };

/**
 * Does one action on many jobs, each in a change of its own: a job that refuses does not hold up the others.
 * Errors that are no rule's are thrown.
 */
export async function actOnMany(
  db: ConsoleDatabase,
  actor: Actor,
  request: { jobIds: readonly string[]; action: Action; shipment?: NewShipment; note?: string },
  now: Date,
): Promise<BulkResult[]> {
  const { jobIds, ...what } = request;
  const results: BulkResult[] = [];
  for (const jobId of new Set(jobIds)) {
    try {
      const { state } = await act(db, actor, { jobId, ...what }, now);
      results.push({ jobId, state, error: null });
    } catch (error) {
      if (!isWaybillError(error)) throw error;
      results.push({ jobId, state: null, error: toldOf(error) });
    }
  }
  return results;
}

const toldOf = ({ code, message, next, facts }: WaybillError) => ({ code, message, next, facts });
