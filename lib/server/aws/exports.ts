import { desc, eq } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import type { NewJob } from '../../domain/new-job.ts';
import type { PartRange } from '../../domain/range-sum.ts';
import { leftOutOf } from '../../domain/report-place.ts';
import { requireStoreFor } from '../../stores/access-check/job-access.ts';
import { openStore } from '../../stores/open.ts';
import { splitListing } from '../../stores/range/export-parts.ts';
import type { KeyRange } from '../../stores/range/key-range.ts';
import { type Actor, authorize, SYSTEM } from '../actors/actor.ts';
import type { ServerContext } from '../context/server-context.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase } from '../db/database.ts';
import { awsExports, type KeptRequest } from '../db/schema/aws.ts';
import { jobs } from '../db/schema/jobs.ts';
import { checkRules, newJobId } from '../jobs/create-job.ts';
import { actorOfPerson } from '../people/access-keys.ts';
import { openSpec } from '../stores/open-store-spec.ts';
import { getStore } from '../stores/stores.ts';
import { type AwsExport, exportOf, insertAwsJob } from './aws-jobs.ts';

/** Exports that may need several devices: ordered as one, listed, then carried by a job for each part. */

type Listing = Pick<ServerContext, 'db' | 'kms' | 'log'>;

/** Orders an export; the store is listed after that. Throws what a job's rules refuse, StoreEmptyRange, BucketNotFound. */
export async function createExport(
  context: Listing,
  actor: Actor,
  { template, request }: { template: NewJob; request: KeptRequest },
  now: Date,
): Promise<AwsExport> {
  const { db } = context;
  authorize(actor, 'job.create');
  await checkRules(db.read, template);
  await requireObjects(context, template);
  const made = await db.transaction(async (tx) => {
    const [newest] = await tx.select({ seq: jobs.seq }).from(jobs).orderBy(desc(jobs.seq)).limit(1);
    const [row] = await tx
      .insert(awsExports)
      .values({
        id: newJobId(),
        afterJob: newest?.seq ?? 0,
        request,
        template,
        state: 'listing',
        createdBy: actor.id,
        createdAt: now.toISOString(),
      })
      .returning();
    if (!row) throw new WaybillError('Internal', { reference: 'export not inserted' });
    const { name, option, sizeBytes, storeId, bucket } = template;
    const detail = { exportId: row.id, name, option, sizeBytes, storeId, bucket };
    await appendCustody(tx, actor, { kind: 'export.created', detail }, now);
    return row;
  });
  continueListing(context, made.id);
  return made;
}

/** A range without a key is refused at once, if the console can reach the store. */
async function requireObjects(keys: Listing, template: NewJob): Promise<void> {
  const objects = await openRange(keys, template);
  const first = objects && (await objects.next());
  await objects?.return?.();
  if (first?.done) throw new WaybillError('StoreEmptyRange', { prefix: rangeText(template) });
}

const rangeText = ({ bucket, prefix = '', rangeBegin, rangeEnd }: NewJob): string =>
  `${bucket}/${prefix} (${rangeBegin ?? 'start'} to ${rangeEnd ?? 'end'})`;

async function rangeOf({ db }: Listing, template: NewJob): Promise<KeyRange> {
  const { prefix = '', rangeBegin, rangeEnd, bucket, includeReports = false } = template;
  const { settings } = await getStore(db.read, template.storeId);
  return {
    prefix,
    begin: rangeBegin ?? undefined,
    end: rangeEnd ?? undefined,
    without: leftOutOf({ bucket, prefix, includeReports }, settings?.reports),
  };
}

/** The objects of a range; undefined when only stations reach the store. Throws BucketNotFound. */
async function openRange(keys: Listing, template: NewJob) {
  try {
    const spec = await openSpec(keys, template.storeId, template.bucket);
    await requireStoreFor('export', { spec, prefix: template.prefix ?? '' });
    const store = openStore(spec);
    const range = await rangeOf(keys, template);
    return store.list({ ...range, bare: true })[Symbol.asyncIterator]();
  } catch (error) {
    if (error instanceof WaybillError && error.code === 'StoreOutOfReach') return undefined;
    throw error;
  }
}

/** Listings that run in this process; another process may list the same, and the first one's parts stay. */
const running = new WeakMap<ConsoleDatabase, Map<string, Promise<void>>>();

/** Lists an export that has no parts yet, in the background; also after a restart, when someone looks at it. */
export function continueListing(context: Listing, exportId: string): void {
  const runs = running.get(context.db) ?? new Map<string, Promise<void>>();
  running.set(context.db, runs);
  if (runs.has(exportId)) return;
  const listing = makeParts(context, exportId, new Date())
    .catch((error: unknown) => context.log.error({ exportId, error }, 'listing failed'))
    .finally(() => runs.delete(exportId));
  runs.set(exportId, listing);
}

async function makeParts(context: Listing, exportId: string, now: Date): Promise<void> {
  const { db } = context;
  const main = await exportOf(db.read, exportId);
  if (main?.state !== 'listing') return;
  const { template, request, createdBy } = main;
  const person = await actorOfPerson(db.read, createdBy.replace(/^person:/, ''));
  const actor = person ?? SYSTEM;
  const parts = await listParts(context, template);
  await db.transaction(async (tx) => {
    const stillListing = await exportOf(tx, exportId);
    if (stillListing?.state !== 'listing') return;
    for (const [i, listed] of parts.entries()) {
      const { begin, end } = listed;
      const part = i + 1;
      const name =
        parts.length === 1 ? template.name : `${template.name} (part ${part} of ${parts.length})`;
      const job = { ...template, name, rangeBegin: begin, rangeEnd: end };
      const { id } = await insertAwsJob(tx, actor, { job, request, exportId, part }, now);
      if (listed.objects === 0) continue;
      const { objects, bytes } = listed;
      const rangeSum = { objects, bytes, listedAt: now.toISOString(), parts: [listed] };
      await tx.update(jobs).set({ rangeSum }).where(eq(jobs.id, id));
    }
    await tx.update(awsExports).set({ state: 'parted' }).where(eq(awsExports.id, exportId));
    const counts = parts.map(({ objects, bytes }) => ({ objects, bytes }));
    const detail = { exportId, parts: counts };
    await appendCustody(tx, actor, { kind: 'export.parted', detail }, now);
  });
}

/** The parts; one of the whole range when the store cannot be listed from here. */
async function listParts(keys: Listing, template: NewJob): Promise<PartRange[]> {
  const { rangeBegin = null, rangeEnd = null, sizeBytes: deviceBytes } = template;
  const objects = await openRange(keys, template);
  if (!objects) return [{ begin: rangeBegin, end: rangeEnd, objects: 0, bytes: 0 }];
  const listing = { [Symbol.asyncIterator]: () => objects };
  return splitListing(listing, { range: await rangeOf(keys, template), deviceBytes });
}

/** Takes back an export that is still being listed. Throws InvalidJobState when it has parts. */
export async function cancelListing(
  db: ConsoleDatabase,
  actor: Actor,
  exportId: string,
  now: Date,
): Promise<void> {
  authorize(actor, 'job.cancel');
  await db.transaction(async (tx) => {
    const main = await exportOf(tx, exportId);
    if (main?.state !== 'listing') {
      const state = main?.state ?? 'gone';
      const allowed = 'only while it is listed';
      throw new WaybillError('InvalidJobState', { action: 'cancel', state, allowed });
    }
    await tx.update(awsExports).set({ state: 'cancelled' }).where(eq(awsExports.id, exportId));
    await appendCustody(tx, actor, { kind: 'export.cancelled', detail: { exportId } }, now);
  });
}
