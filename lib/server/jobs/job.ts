import { randomUUID } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import { checkChannel } from '../../domain/lifecycle.ts';
import type { JobNotification } from '../../domain/notifications.ts';
import { checkJobRequest, OPTION_RULES } from '../../domain/options.ts';
import { checkPlan, type ProcessingPlan } from '../../domain/processing.ts';
import type {
  ArchiveUnit,
  JobType,
  Option,
  OverwritePolicy,
  ShippingService,
} from '../../domain/words.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { usableAddress } from '../addresses/addresses.ts';
import { appendCustody } from '../custody/log.ts';
import { devices, jobs } from '../db/schema/schema.ts';
import type { ConsoleDatabase, Reader, Tx } from '../db/sqlite/open-database.ts';
import { checkTargets } from '../events/outbox.ts';
import { publishEvent } from '../events/publish.ts';
import { recordFunctions } from '../processing/function-library.ts';
import { getStore } from '../stores/stores.ts';

export type Job = typeof jobs.$inferSelect;

/** What a new job asks for. Sizes bytes. */
export interface NewJob {
  name: string;
  option: Option;
  type: JobType;
  sizeBytes: number;
  encrypted: boolean;
  storeId: string;
  bucket: string;
  prefix?: string;
  archive?: ArchiveUnit | undefined;
  overwritePolicy?: OverwritePolicy | undefined;
  rangeBegin?: string | null | undefined;
  rangeEnd?: string | null | undefined;
  includeReports?: boolean | undefined;
  addressId?: string | null | undefined;
  shippingService?: ShippingService | null | undefined;
  notification?: JobNotification | null | undefined;
  /** As it was asked for; checked here. */
  processing?: unknown;
}

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
      ...{ ...job, processing },
      ...{ id, deviceId, volumeId: randomUUID(), state: 'created', stateSince: at },
      ...{ copyPhase: 'not-started', createdBy: actor.id, createdAt: at },
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
  const asked = { option, type, sizeBytes, encrypted, archive, processingSteps };
  checkJobRequest({ ...asked, storeKind: kind });
  if (type === 'import' && (job.rangeBegin ?? job.rangeEnd)) {
    throw new WaybillError('OptionRule', {
      ...{ option, rule: 'a key range chooses what an export takes' },
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
    const theirs = and(eq(devices.id, job.deviceId), eq(devices.owner, 'customer'));
    await tx.update(devices).set({ capacityBytes: change.sizeBytes }).where(theirs);
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

function createCommand(job: NewJob): string {
  const encryption = job.encrypted ? '' : ' --no-encryption';
  const archive = job.archive === 'device' ? ' --archive device' : '';
  return `waybill job create --option ${job.option} --type ${job.type} --size ${job.sizeBytes}${encryption} --store ${job.storeId} --bucket ${job.bucket}${archive}`;
}

/** One job. Throws NotFound. */
export async function getJob(db: Reader, jobId: string): Promise<Job> {
  const [job] = await db.select().from(jobs).where(eq(jobs.id, jobId));
  if (!job) throw new WaybillError('NotFound', { what: 'job', id: jobId });
  return job;
}
