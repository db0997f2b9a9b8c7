import { eq } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import { checkChannel } from '../../domain/lifecycle-decision.ts';
import type { PartRange, RangeSum } from '../../domain/range-sum.ts';
import { leftOutOf } from '../../domain/report-place.ts';
import { sumOfRange } from '../../stores/range/export-parts.ts';
import type { KeyRange } from '../../stores/range/key-range.ts';
import { type Actor, authorize, SYSTEM } from '../actors/actor.ts';
import type { ServerContext } from '../context/server-context.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Tx } from '../db/database.ts';
import { jobs } from '../db/schema/jobs.ts';
import { publishEvent } from '../events/publish.ts';
import { insertJob } from '../jobs/create-job.ts';
import { getJob, type Job } from '../jobs/job.ts';
import { openSpec } from '../stores/open-store-spec.ts';
import { getStore } from '../stores/stores.ts';

/** What the ranges of exports hold: listed by the console, or by a station where only that reaches the store. */

type Listing = Pick<ServerContext, 'db' | 'kms' | 'log'>;

/** The keys that a job exports. */
export async function keysOf(keys: Pick<Listing, 'db'>, job: Job): Promise<KeyRange> {
  const { settings } = await getStore(keys.db.read, job.storeId);
  return {
    prefix: job.prefix,
    begin: job.rangeBegin ?? undefined,
    end: job.rangeEnd ?? undefined,
    without: leftOutOf(job, settings?.reports),
  };
}

/** Lists an export's range from here and keeps what it holds. Throws NotFound, JobNotChangeable, and what a store throws. */
export async function sumRange(
  context: Listing,
  actor: Actor,
  jobId: string,
  now: Date,
): Promise<Job> {
  authorize(actor, 'job.change', jobId);
  const job = await getJob(context.db.read, jobId);
  requireExport(job);
  const sum = await listedFromHere(context, job, job.sizeBytes, now);
  return keepSum(context.db, actor, { jobId, sum }, now);
}

async function listedFromHere(
  context: Listing,
  job: Job,
  deviceBytes: number,
  now: Date,
): Promise<RangeSum> {
  const spec = await openSpec(context, job.storeId, job.bucket);
  return sumOfRange(spec, { range: await keysOf(context, job), deviceBytes }, now);
}

/** Listings that run in this process; another process may list the same. */
const running = new WeakMap<ConsoleDatabase, Map<string, Promise<unknown>>>();

/** Lists a new export in the background. Where the store cannot be reached from here the station does it in time. */
export function beginSumming(context: Listing, job: Job): void {
  if (job.type !== 'export' || job.rangeSum !== null || job.state !== 'created') return;
  const listings = running.get(context.db) ?? new Map<string, Promise<unknown>>();
  running.set(context.db, listings);
  if (listings.has(job.id)) return;
  const { id: jobId } = job;
  const listing = sumRange(context, SYSTEM, jobId, new Date())
    .catch((error: unknown) => context.log.warn({ jobId, error }, 'range not listed'))
    .finally(() => listings.delete(jobId));
  listings.set(jobId, listing);
}

/** Ends when no range is being listed any more. */
export async function summingEnds({ db }: Pick<Listing, 'db'>): Promise<void> {
  await Promise.all(running.get(db)?.values() ?? []);
}

/** Keeps what a station found in an export's range. Throws NotFound, JobNotChangeable, Forbidden. */
export async function putRangeSum(
  db: ConsoleDatabase,
  actor: Actor,
  request: { jobId: string; sum: RangeSum },
  now: Date,
): Promise<Job> {
  authorize(actor, 'job.work-as-station', request.jobId);
  return keepSum(db, actor, request, now);
}

async function keepSum(
  db: ConsoleDatabase,
  actor: Actor,
  { jobId, sum }: { jobId: string; sum: RangeSum },
  now: Date,
): Promise<Job> {
  return db.transaction(async (tx) => {
    const job = await getJob(tx, jobId);
    requireExport(job);
    const [changed] = await tx
      .update(jobs)
      .set({ rangeSum: sum })
      .where(eq(jobs.id, jobId))
      .returning();
    const { objects, bytes, parts } = sum;
    const detail = { rangeSum: { objects, bytes, parts: parts.length } };
    await appendCustody(tx, actor, { kind: 'job.changed', jobId, detail }, now);
    await publishEvent(tx, { jobId, kind: 'job', detail: { changed: true } }, now);
    return changed ?? job;
  });
}

/** What an export is to carry is settled once its device carries its label. Throws JobNotChangeable. */
function requireExport({ type, state, devicePrepared }: Job): void {
  const isOpen = !devicePrepared && ['created', 'preparing', 'at-facility'].includes(state);
  if (type === 'export' && isOpen) return;
  throw new WaybillError('JobNotChangeable', { state: type === 'export' ? state : 'an import' });
}

/**
 * Makes a job of each part of an export that does not fit: the job itself becomes the first. `partBytes`: what a part
 * may hold at most, when that is less than the job's size. Throws NotFound, JobNotChangeable, PreconditionFailed (it is one
 * part), and what creating a job or listing the store throws.
 */
export async function splitJob(
  context: Listing,
  actor: Actor,
  { jobId, partBytes }: { jobId: string; partBytes?: number | undefined },
  now: Date,
): Promise<Job[]> {
  authorize(actor, 'job.change', jobId);
  const job = await getJob(context.db.read, jobId);
  checkChannel(job.option, actor.channel, `waybill job split ${jobId}`);
  requireExport(job);
  const deviceBytes = Math.min(partBytes ?? job.sizeBytes, job.sizeBytes);
  const known = partBytes === undefined ? job.rangeSum : null;
  const sum = known ?? (await listedFromHere(context, job, deviceBytes, now));
  if (sum.parts.length < 2) {
    throw new WaybillError('PreconditionFailed', {
      action: 'split',
      missing: 'its range is one part',
      fix: 'it goes on one device as it is; for smaller parts: --part-size',
    });
  }
  return context.db.transaction((tx) => makeParts(tx, actor, { jobId, sum }, now));
}

const NAME_MAX = 80;

async function makeParts(
  tx: Tx,
  actor: Actor,
  { jobId, sum }: { jobId: string; sum: RangeSum },
  now: Date,
): Promise<Job[]> {
  const job = await getJob(tx, jobId);
  requireExport(job);
  const { parts, listedAt } = sum;
  const changesOf = (part: PartRange, i: number) => ({
    name: `${job.name.slice(0, NAME_MAX)} (part ${i + 1} of ${parts.length})`,
    rangeBegin: part.begin,
    rangeEnd: part.end,
    rangeSum: { objects: part.objects, bytes: part.bytes, listedAt, parts: [part] },
  });
  const made: Job[] = [];
  for (const [i, part] of parts.entries()) {
    const changes = changesOf(part, i);
    const { id } =
      i === 0 ? job : await insertJob(tx, actor, { ...templateOf(job), ...changes }, now);
    const [changed] = await tx.update(jobs).set(changes).where(eq(jobs.id, id)).returning();
    if (changed) made.push(changed);
  }
  const detail = { split: made.map(({ id }) => id) };
  await appendCustody(tx, actor, { kind: 'job.changed', jobId, detail }, now);
  await publishEvent(tx, { jobId, kind: 'job', detail: { changed: true } }, now);
  return made;
}

/** What the parts of an export have in common. */
const templateOf = (job: Job) => ({
  option: job.option,
  type: job.type,
  sizeBytes: job.sizeBytes,
  encrypted: job.encrypted,
  storeId: job.storeId,
  bucket: job.bucket,
  prefix: job.prefix,
  includeReports: job.includeReports,
  addressId: job.addressId,
  shippingService: job.shippingService,
  notification: job.notification,
});
