import { eq } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import { requireEvidence } from '../../domain/irreversible.ts';
import { checkChannel } from '../../domain/lifecycle-decision.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Reader } from '../db/database.ts';
import { jobCredentials } from '../db/schema/credentials.ts';
import { publishEvent } from '../events/publish.ts';
import { getJob, type Job } from '../jobs/job.ts';
import { revokeJobTokens } from '../people/tokens.ts';
import { evidenceOf } from './evidence.ts';

/**
 * Destroys what opens a job's volume: its wrapped keys and its unlock code go, and are overwritten in the database file.
 * Any copy of the volume is unreadable from then on, but for who holds a manifest with its unlock code, or a backup and the
 * master key. Throws NotFound, Forbidden, NotManageableInConsole, PreconditionFailed while the rule of what cannot be
 * undone does not allow it, or where there is no key.
 */
export async function destroyJobKey(
  db: ConsoleDatabase,
  actor: Actor,
  request: { jobId: string; note: string },
  now: Date,
): Promise<Job> {
  const { jobId, note } = request;
  authorize(actor, 'job.destroy-key', jobId);
  return db.transaction(async (tx) => {
    const job = await getJob(tx, jobId);
    checkChannel(job.option, actor.channel, `waybill job destroy-key ${jobId} --yes`);
    requireEvidence('destroy-key', await evidenceOf(tx, job, now));
    const ofJob = eq(jobCredentials.jobId, jobId);
    const [row] = await tx.select().from(jobCredentials).where(ofJob);
    if (row?.keyDestroyedAt) return job;
    if (!row?.wrappedJobKey)
      throw new WaybillError('PreconditionFailed', {
        action: 'destroy-key',
        missing: 'the job has no key: nothing was encrypted',
        fix: 'nothing to do',
      });
    await tx
      .update(jobCredentials)
      .set({
        wrappedJobKey: null,
        wrappedPrivateKey: '',
        wrappedUnlockCode: '',
        keyDestroyedAt: now.toISOString(),
      })
      .where(ofJob);
    await revokeJobTokens(tx, jobId, now);
    const deviceId = job.deviceId ?? undefined;
    const event = { jobId, deviceId, detail: { note } };
    await appendCustody(tx, actor, { kind: 'credentials.key-destroyed', ...event }, now);
    await publishEvent(tx, { jobId, kind: 'credentials', detail: { what: 'key destroyed' } }, now);
    return job;
  });
}

/** When a job's key was destroyed. */
export async function keyDestroyedAt(db: Reader, jobId: string): Promise<string | null> {
  const [row] = await db
    .select({ at: jobCredentials.keyDestroyedAt })
    .from(jobCredentials)
    .where(eq(jobCredentials.jobId, jobId));
  return row?.at ?? null;
}
