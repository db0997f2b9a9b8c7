import { and, eq } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import { checkChannel } from '../../domain/lifecycle-decision.ts';
import type { NewJob } from '../../domain/new-job.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { usableAddress } from '../addresses/addresses.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Tx } from '../db/database.ts';
import { devices } from '../db/schema/devices.ts';
import { jobs } from '../db/schema/jobs.ts';
import { publishEvent } from '../events/publish.ts';
import { checkTargets } from '../notifications/check-targets.ts';
import { recordFunctions } from '../processing/function-library.ts';
import { checkRules } from './create-job.ts';
import { getJob, type Job } from './job.ts';

/** What may be changed of a job that is still created. */
export type JobChange = Partial<Omit<NewJob, 'option' | 'type'>>;

/** Changes a job that is still created and has no device yet, or is a disk job. Throws JobNotChangeable, and what the rules refuse. */
export async function changeJob(
  db: ConsoleDatabase,
  actor: Actor,
  request: { jobId: string; change: JobChange },
  now: Date,
): Promise<Job> {
  return db.transaction((tx) => applyChange(tx, actor, request, now));
}

/** As `changeJob`, within a change. */
export async function applyChange(
  tx: Tx,
  actor: Actor,
  request: { jobId: string; change: JobChange },
  now: Date,
): Promise<Job> {
  const { jobId, change } = request;
  authorize(actor, 'job.change', jobId);
  const job = await getJob(tx, jobId);
  checkChannel(job.option, actor.channel, `waybill job change ${jobId}`);
  if (job.state !== 'created' || job.copyPhase !== 'not-started') {
    const state = job.state === 'created' ? `created, and ${job.copyPhase}` : job.state;
    throw new WaybillError('JobNotChangeable', { state });
  }
  const processing = await checkRules(tx, { ...job, ...change });
  await checkTargets(tx, change.notification?.targetIds ?? []);
  if (change.addressId) await usableAddress(tx, change.addressId);
  const [changed] = await tx
    .update(jobs)
    .set({ ...change, processing, rangeSum: changesRange(change) ? null : job.rangeSum })
    .where(eq(jobs.id, jobId))
    .returning();
  await recordFunctions(tx, jobId, processing);
  if (job.deviceId !== null && change.sizeBytes !== undefined) {
    const ofCustomer = and(eq(devices.id, job.deviceId), eq(devices.owner, 'customer'));
    await tx.update(devices).set({ capacityBytes: change.sizeBytes }).where(ofCustomer);
  }
  const steps = processing?.steps.map(({ step }) => step) ?? null;
  const detail = { ...change, ...(change.processing === undefined ? {} : { processing: steps }) };
  await appendCustody(tx, actor, { kind: 'job.changed', jobId, detail }, now);
  await publishEvent(tx, { jobId, kind: 'job', detail: { changed: true } }, now);
  return changed ?? job;
}

/** Whether what is known of an export's range does not hold any more. */
const changesRange = (change: JobChange): boolean =>
  RANGE_FIELDS.some((field) => change[field] !== undefined);

// biome-ignore format: one line
const RANGE_FIELDS = ['sizeBytes', 'storeId', 'bucket', 'prefix', 'rangeBegin', 'rangeEnd', 'includeReports'] as const;
