import { type Facts, isWaybillError, type WaybillError } from '../../domain/errors.ts';
import type { Action } from '../../domain/lifecycle.ts';
import type { JobState } from '../../domain/words.ts';
import type { Actor } from '../actors/actor.ts';
import type { ConsoleDatabase } from '../db/database.ts';
import { hasOpenIncident } from '../incidents/incidents.ts';
import { act, type NewShipment } from './transitions.ts';

/** What became of one job: its new state, or the refusal. */
export type BulkResult =
  | { jobId: string; state: JobState; error: null; sealsDiffer?: boolean | undefined }
  | {
      jobId: string;
      state: null;
      error: { code: string; message: string; next: string; facts: Facts };
    };

interface BulkRequest {
  jobIds: readonly string[];
  action: Action;
  shipment?: NewShipment;
  /** Of an arrival: the tamper seals on the device of each job, by its id. */
  sealNumbersOf?: Record<string, readonly string[]> | undefined;
  withoutSealComparison?: boolean | undefined;
  note?: string;
}

/**
 * Does one action on many jobs, each in a change of its own: a job that refuses does not hold up the others.
 * Errors that are no rule's are thrown.
 */
export async function actOnMany(
  db: ConsoleDatabase,
  actor: Actor,
  request: BulkRequest,
  now: Date,
): Promise<BulkResult[]> {
  const { jobIds, sealNumbersOf, ...what } = request;
  const results: BulkResult[] = [];
  for (const jobId of new Set(jobIds)) {
    try {
      const sealNumbers = sealNumbersOf?.[jobId];
      const { state } = await act(db, actor, { jobId, sealNumbers, ...what }, now);
      const sealsDiffer = sealNumbers && (await hasOpenIncident(db.read, jobId, 'seal-differs'));
      results.push({ jobId, state, error: null, sealsDiffer });
    } catch (error) {
      if (!isWaybillError(error)) throw error;
      results.push({ jobId, state: null, error: toErrorFacts(error) });
    }
  }
  return results;
}

const toErrorFacts = ({ code, message, next, facts }: WaybillError) => ({
  code,
  message,
  next,
  facts,
});
