import type { Client } from '../../lib/api/client.ts';
import { isWaybillError } from '../../lib/domain/errors.ts';
import { INCIDENT_OF_ERROR } from '../../lib/domain/incidents.ts';

/**
 * Opens the incident that a refused device stands for, so that nothing more is done with it before somebody has
 * looked. Never throws: the refusal itself is what the caller has to say.
 */
export async function reportLie(client: Client, jobId: string, error: unknown): Promise<void> {
  if (!isWaybillError(error)) return;
  const kind = INCIDENT_OF_ERROR[error.code];
  if (!kind) return;
  // As the console words it where the same is told by way of the outbox, so that it is one incident.
  const note = `${error.code}: ${error.message}`.slice(0, 500);
  await client
    .call('reportIncident', { params: { jobId }, body: { kind, note } })
    .catch(() => undefined);
}
