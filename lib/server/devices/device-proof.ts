import { WaybillError } from '../../domain/errors.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase } from '../db/database.ts';
import { publishEvent } from '../events/publish.ts';
import { openIncident } from '../incidents/incidents.ts';
import { getJob, type Job } from '../jobs/job.ts';

/**
 * A station verified the seal of the device of a job; the custody log records it. Throws NotFound, Forbidden,
 * SealUnknown, SealSuperseded (an incident is open then).
 */
export async function takeProof(
  db: ConsoleDatabase,
  actor: Actor,
  { jobId, sealDigest }: { jobId: string; sealDigest: string },
  now: Date,
): Promise<Job> {
  authorize(actor, 'job.station-credentials', jobId);
  const job = await getJob(db.read, jobId);
  await requireSeal(db, actor, job, sealDigest, now);
  await db.transaction(async (tx) => {
    const deviceId = job.deviceId ?? undefined;
    const detail = { sealDigest };
    await appendCustody(tx, actor, { kind: 'device.proved', jobId, deviceId, detail }, now);
    await publishEvent(tx, { jobId, kind: 'device', detail: { proved: true } }, now);
  });
  return job;
}

/**
 * Holds that a seal of which a station speaks is the one that the job's receipt told. The station has compared them;
 * here nothing depends on its having done so. Throws SealUnknown, SealSuperseded (an incident is open then).
 */
export async function requireSeal(
  db: ConsoleDatabase,
  actor: Actor,
  job: Job,
  found: string,
  now: Date,
): Promise<void> {
  if (!job.seal) throw new WaybillError('SealUnknown', { jobId: job.id });
  const known = job.seal.sealDigest;
  if (found === known) return;
  const error = new WaybillError('SealSuperseded', { found, known });
  const note = `${error.code}: ${error.message}`;
  await db.transaction((tx) =>
    openIncident(tx, actor, job, { kind: 'seal-superseded', note }, now),
  );
  throw error;
}
