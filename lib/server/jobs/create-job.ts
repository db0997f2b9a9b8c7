import { randomUUID } from 'node:crypto';
import { WaybillError } from '../../domain/errors.ts';
import { checkChannel } from '../../domain/lifecycle-decision.ts';
import type { NewJob } from '../../domain/new-job.ts';
import { checkJobRequest, OPTION_RULES } from '../../domain/options.ts';
import { checkPlan, type ProcessingPlan } from '../../domain/processing.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { usableAddress } from '../addresses/addresses.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Reader, Tx } from '../db/database.ts';
import { devices } from '../db/schema/devices.ts';
import { jobs } from '../db/schema/jobs.ts';
import { publishEvent } from '../events/publish.ts';
import { checkTargets } from '../notifications/check-targets.ts';
import { recordFunctions } from '../processing/function-library.ts';
import { getStore } from '../stores/stores.ts';
import type { Job } from './job.ts';

/** "JID" and a UUID, as the ids of the Snowball API. */
export const newJobId = (): string => `JID${randomUUID()}`;

/**
 * Creates a job. Throws Forbidden, NotManageableInConsole, NotFound (store) and what the rules of the option
 * refuse.
 */
export async function createJob(
  db: ConsoleDatabase,
  actor: Actor,
  job: NewJob,
  now: Date,
): Promise<Job> {
  return db.transaction((tx) => insertJob(tx, actor, job, now));
}

/** As `createJob`, within a change. */
export async function insertJob(tx: Tx, actor: Actor, job: NewJob, now: Date): Promise<Job> {
  authorize(actor, 'job.create');
  checkChannel(job.option, actor.channel, createCommand(job));
  const processing = await checkRules(tx, job);
  await checkTargets(tx, job.notification?.targetIds ?? []);
  if (job.addressId) await usableAddress(tx, job.addressId);
  const at = now.toISOString();
  const id = newJobId();
  const deviceId = await customersDisk(tx, { id, job }, at);
  const [row] = await tx
    .insert(jobs)
    .values({
      ...job,
      processing,
      id,
      deviceId,
      volumeId: randomUUID(),
      state: 'created',
      stateSince: at,
      copyPhase: 'not-started',
      createdBy: actor.id,
      createdAt: at,
    })
    .returning();
  if (!row) throw new WaybillError('Internal', { reference: 'job not inserted' });
  await recordFunctions(tx, id, processing);
  const { name, option, type, sizeBytes, encrypted, archive } = row;
  const steps = processing?.steps.map(({ step }) => step);
  const unit = archive === 'object' ? {} : { archive };
  const detail = { name, option, type, sizeBytes, encrypted, ...unit, ...(steps && { steps }) };
  const event = { jobId: id, deviceId: deviceId ?? undefined, detail };
  await appendCustody(tx, actor, { kind: 'job.created', ...event }, now);
  await publishEvent(tx, { jobId: id, kind: 'job', detail: { state: row.state } }, now);
  return row;
}

/** Checks a job by the rules of its option; returns its processing steps. */
export async function checkRules(tx: Reader, job: NewJob): Promise<ProcessingPlan | null> {
  const { kind } = await getStore(tx, job.storeId);
  const { option, type, sizeBytes, encrypted, archive } = job;
  const plan = job.processing ? checkPlan(job.processing) : null;
  const processingSteps = plan?.steps.length ?? 0;
  const order = { option, type, sizeBytes, encrypted, archive, processingSteps };
  checkJobRequest({ ...order, storeKind: kind });
  if (type === 'import' && (job.rangeBegin ?? job.rangeEnd)) {
    throw new WaybillError('OptionRule', {
      option,
      rule: 'a key range chooses what an export takes',
      fix: 'leave it out of an import',
    });
  }
  return plan;
}

/** A customer's own disk is known from its job's creation on, by an id that the label will carry. */
async function customersDisk(
  tx: Tx,
  { id, job }: { id: string; job: NewJob },
  createdAt: string,
): Promise<string | null> {
  const { owner } = OPTION_RULES[job.option];
  if (owner !== 'customer') return null;
  const deviceId = `DISK-${id.slice(3, 11)}`;
  const row = { id: deviceId, owner, capacityBytes: job.sizeBytes, jobId: id, createdAt };
  await tx.insert(devices).values({ ...row, state: 'reserved' });
  return deviceId;
}

function createCommand(job: NewJob): string {
  const encryption = job.encrypted ? '' : ' --no-encryption';
  const archive = job.archive === 'device' ? ' --archive device' : '';
  return `waybill job create --option ${job.option} --type ${job.type} --size ${job.sizeBytes}${encryption} --store ${job.storeId} --bucket ${job.bucket}${archive}`;
}
