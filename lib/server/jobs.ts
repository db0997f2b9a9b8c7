import { randomUUID } from 'node:crypto';
import { and, desc, eq, isNull, lt } from 'drizzle-orm';
import { WaybillError } from '../domain/errors.ts';
import { checkChannel, type JobFacts } from '../domain/lifecycle.ts';
import { checkJobRequest } from '../domain/options.ts';
import type { JobState, JobType, Option } from '../domain/words.ts';
import { type Actor, authorize } from './actor.ts';
import { appendCustody } from './custody-log.ts';
import type { ConsoleDatabase, Reader } from './db/client.ts';
import { events, incidents, jobs, stores } from './db/schema.ts';

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
  rangeBegin?: string;
  rangeEnd?: string;
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
  authorize(actor, 'job.create');
  checkChannel(job.option, actor.channel, createCommand(job));
  return db.transaction(async (tx) => {
    const [store] = await tx.select().from(stores).where(eq(stores.id, job.storeId));
    if (!store) throw new WaybillError('NotFound', { what: 'store', id: job.storeId });
    const { option, type, sizeBytes, encrypted } = job;
    checkJobRequest({
      option,
      type,
      sizeBytes,
      encrypted,
      storeKind: store.kind,
      processingSteps: 0,
    });
    const at = now.toISOString();
    const [row] = await tx
      .insert(jobs)
      .values({
        ...job,
        ...{ id: newJobId(), volumeId: randomUUID(), state: 'created', stateSince: at },
        ...{ copyPhase: 'not-started', createdBy: actor.id, createdAt: at },
      })
      .returning();
    if (!row) throw new WaybillError('Internal', { reference: 'job not inserted' });
    const detail = { name: job.name, option, type, sizeBytes, encrypted };
    await appendCustody(tx, actor, { kind: 'job.created', jobId: row.id, detail }, now);
    await tx
      .insert(events)
      .values({ jobId: row.id, kind: 'job', at, detail: { state: row.state } });
    return row;
  });
}

function createCommand(job: NewJob): string {
  const encryption = job.encrypted ? '' : ' --no-encryption';
  return `waybill job create --option ${job.option} --type ${job.type} --size ${job.sizeBytes}${encryption} --store ${job.storeId} --bucket ${job.bucket}`;
}

/** One job. Throws NotFound. */
export async function getJob(db: Reader, jobId: string): Promise<Job> {
  const [job] = await db.select().from(jobs).where(eq(jobs.id, jobId));
  if (!job) throw new WaybillError('NotFound', { what: 'job', id: jobId });
  return job;
}

/** Jobs, newest first, from below `before` (a job's `seq`). */
export async function listJobs(
  db: Reader,
  page: { before?: number; limit: number; state?: JobState },
): Promise<Job[]> {
  const conditions = [
    page.before === undefined ? undefined : lt(jobs.seq, page.before),
    page.state === undefined ? undefined : eq(jobs.state, page.state),
  ];
  return db
    .select()
    .from(jobs)
    .where(and(...conditions))
    .orderBy(desc(jobs.seq))
    .limit(page.limit);
}

/** What the rules look at, computed from a job's rows. */
export async function factsOf(db: Reader, job: Job): Promise<JobFacts> {
  const [open] = await db
    .select()
    .from(incidents)
    .where(and(eq(incidents.jobId, job.id), isNull(incidents.resolvedAt)))
    .limit(1);
  const { option, type, state, copyPhase, devicePrepared, sealed, reported, erased } = job;
  return {
    ...{ jobId: job.id, option, type, state, copyPhase, devicePrepared, sealed, reported, erased },
    hasDevice: job.deviceId !== null,
    attention: open !== undefined,
  };
}
