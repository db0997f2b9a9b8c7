import { and, asc, desc, eq, inArray, lt, ne, or, type SQL } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import type { NewJob } from '../../domain/new-job.ts';
import type { Actor } from '../actors/actor.ts';
import type { ConsoleDatabase, Reader, Tx } from '../db/database.ts';
import { awsExports, awsJobs, type KeptRequest } from '../db/schema/aws.ts';
import { jobs } from '../db/schema/jobs.ts';
import { applyChange, type JobChange } from '../jobs/change-job.ts';
import { insertJob } from '../jobs/create-job.ts';
import type { Job } from '../jobs/job.ts';

/** Jobs as the Snowball API sees them: a job, and what its request said beside that. */

export type AwsJobRow = typeof awsJobs.$inferSelect;
export type AwsExport = typeof awsExports.$inferSelect;

/** A job with what the API keeps of it; `kept` is undefined for a job that was made elsewhere. */
export interface AwsJob {
  job: Job;
  kept: AwsJobRow | undefined;
}

export interface NewAwsJob {
  job: NewJob;
  request: KeptRequest;
  clusterId?: string | undefined;
  exportId?: string | undefined;
  part?: number | undefined;
}

/** Creates a job and keeps the request, within a change. Throws what `createJob` throws. */
export async function insertAwsJob(
  tx: Tx,
  actor: Actor,
  { job, ...kept }: NewAwsJob,
  now: Date,
): Promise<Job> {
  const row = await insertJob(tx, actor, job, now);
  await tx.insert(awsJobs).values({ jobId: row.id, ...kept });
  return row;
}

/** Changes jobs and the kept members of their requests. Throws what `changeJob` throws. */
export async function changeAwsJobs(
  db: ConsoleDatabase,
  actor: Actor,
  { jobIds, change, request }: { jobIds: string[]; change: JobChange; request: KeptRequest },
  now: Date,
): Promise<void> {
  await db.transaction(async (tx) => {
    for (const jobId of jobIds) await applyAwsChange(tx, actor, { jobId, change, request }, now);
  });
}

/** Changes one, within a change. */
export async function applyAwsChange(
  tx: Tx,
  actor: Actor,
  { jobId, change, request }: { jobId: string; change: JobChange; request: KeptRequest },
  now: Date,
): Promise<void> {
  await applyChange(tx, actor, { jobId, change }, now);
  const [before] = await tx.select().from(awsJobs).where(eq(awsJobs.jobId, jobId));
  const merged = { ...before?.request, ...request };
  await tx
    .insert(awsJobs)
    .values({ jobId, request: merged })
    .onConflictDoUpdate({ target: awsJobs.jobId, set: { request: merged } });
}

/** A job of the appliances. Throws NotFound, also for a disk job: those belong to Import/Export. */
export async function awsJobOf(db: Reader, jobId: string): Promise<AwsJob> {
  const [row] = await db
    .select()
    .from(jobs)
    .leftJoin(awsJobs, eq(awsJobs.jobId, jobs.id))
    .where(and(eq(jobs.id, jobId), ne(jobs.option, 'disk')));
  if (!row) throw new WaybillError('NotFound', { what: 'job', id: jobId });
  return { job: row.jobs, kept: row.aws_jobs ?? undefined };
}

/** The parts of an export in their order. */
export async function partsOf(db: Reader, exportId: string): Promise<AwsJob[]> {
  return joined(db, eq(awsJobs.exportId, exportId));
}

/** The jobs of a cluster in the order of their making. */
export async function jobsOfCluster(db: Reader, clusterId: string): Promise<AwsJob[]> {
  return joined(db, eq(awsJobs.clusterId, clusterId));
}

async function joined(db: Reader, where: SQL): Promise<AwsJob[]> {
  const rows = await db
    .select()
    .from(awsJobs)
    .innerJoin(jobs, eq(jobs.id, awsJobs.jobId))
    .where(where)
    .orderBy(asc(jobs.seq))
    .limit(1000);
  return rows.map((row) => ({ job: row.jobs, kept: row.aws_jobs }));
}

/** A place in the list of jobs and exports: an export comes before the jobs that are older than it. */
export interface ListPlace {
  job: number;
  /** 0 for a job itself. */
  export: number;
}

/** One line of the list. */
export type ListedJob = { place: ListPlace } & (AwsJob | { main: AwsExport });

/** Jobs of appliances and exports, newest first, from below a place. */
export async function listAwsJobs(
  db: Reader,
  page: { before?: ListPlace | undefined; limit: number },
): Promise<ListedJob[]> {
  const { before, limit } = page;
  const jobLimit = before && (before.export > 0 ? before.job + 1 : before.job);
  const appliances = inArray(jobs.option, ['snowball', 'snowball-edge']);
  const jobRows = await db
    .select()
    .from(jobs)
    .leftJoin(awsJobs, eq(awsJobs.jobId, jobs.id))
    .where(and(appliances, jobLimit === undefined ? undefined : lt(jobs.seq, jobLimit)))
    .orderBy(desc(jobs.seq))
    .limit(limit);
  const older =
    before &&
    or(
      lt(awsExports.afterJob, before.job),
      and(eq(awsExports.afterJob, before.job), lt(awsExports.seq, before.export)),
    );
  const exportRows = await db
    .select()
    .from(awsExports)
    .where(older)
    .orderBy(desc(awsExports.afterJob), desc(awsExports.seq))
    .limit(limit);
  const listed: ListedJob[] = [
    ...jobRows.map((row) => ({
      job: row.jobs,
      kept: row.aws_jobs ?? undefined,
      place: { job: row.jobs.seq, export: 0 },
    })),
    ...exportRows.map((main) => ({ main, place: { job: main.afterJob, export: main.seq } })),
  ];
  return listed
    .sort(({ place: a }, { place: b }) => b.job - a.job || b.export - a.export)
    .slice(0, limit);
}

/** The export of an id; undefined when it is none. */
export async function exportOf(db: Reader, id: string): Promise<AwsExport | undefined> {
  const [row] = await db.select().from(awsExports).where(eq(awsExports.id, id));
  return row;
}

/** Other jobs that belong to a job: of its cluster, or parts of its export. */
export interface JobGroup {
  kind: 'cluster' | 'export';
  id: string;
  /** How many jobs, this one among them. */
  jobs: number;
}

/** The cluster or export that a job belongs to; null: it stands alone. */
export async function groupOf(db: Reader, jobId: string): Promise<JobGroup | null> {
  const [row] = await db.select().from(awsJobs).where(eq(awsJobs.jobId, jobId));
  const { clusterId = null, exportId = null } = row ?? {};
  if (clusterId !== null) {
    return { kind: 'cluster', id: clusterId, jobs: (await jobsOfCluster(db, clusterId)).length };
  }
  if (exportId === null) return null;
  return { kind: 'export', id: exportId, jobs: (await partsOf(db, exportId)).length };
}

/** The key of AWS KMS that a job's keys are wrapped under, where it names one; else they are under the installation's. */
export async function jobKmsKey(db: Reader, jobId: string): Promise<string | undefined> {
  const [row] = await db.select().from(awsJobs).where(eq(awsJobs.jobId, jobId));
  const keyId = row?.request.KmsKeyARN;
  return typeof keyId === 'string' ? keyId : undefined;
}
