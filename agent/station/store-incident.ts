import type { Client } from '../../lib/api/client.ts';
import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import { isWaybillError, nextOfRetried, type WaybillError } from '../../lib/domain/errors.ts';
import type { StoreWatch } from '../host/operation.ts';

const KIND = 'store-refuses';
const NOTE_MAX = 1000;

/**
 * Opens the incident of a store that refuses, and closes it when the store takes objects again. A console that does not
 * answer hears of it at the next try.
 */
export function storeIncident(client: Client, job: JobDetail): StoreWatch {
  const params = { jobId: job.id };
  const isOpenKind = ({ kind, resolvedAt }: JobDetail['incidents'][number]) =>
    kind === KIND && resolvedAt === null;
  /** Notes of those that are open. */
  let open = job.incidents.filter(isOpenKind).map(({ note }) => note);
  let reason = '';
  const close = async (note: string) => {
    const body = { kinds: [KIND] as [typeof KIND], note };
    await client.call('resolveIncident', { params, body }).catch((error) => {
      if (!isWaybillError(error, 'NoAttention')) throw error;
    });
    open = [];
  };
  const report = async (error: WaybillError) => {
    const note = `${error.message}; ${nextOfRetried(error)}`.slice(0, NOTE_MAX);
    const found = `${error.code} ${error.facts.refusal ?? ''}`;
    // Words of a store may differ from one time to the next; what it means does not.
    if (found === reason || open.includes(note)) return;
    if (open.length > 0) await close('it refuses for another reason now');
    await client.call('reportIncident', { params, body: { kind: KIND, note } });
    open = [note];
    reason = found;
  };
  const forget = async () => {
    if (open.length > 0) await close('the store takes objects again');
    reason = '';
  };
  // One after the other: what is told last counts.
  let last = Promise.resolve();
  const next = (work: () => Promise<void>) => {
    last = last.then(work).catch(ignore);
    return last;
  };
  return { refuses: (error) => next(() => report(error)), accepts: () => next(forget) };
}

/** It is tried again with the next news. */
const ignore = (): void => undefined;
