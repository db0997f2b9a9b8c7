import { createHmac } from 'node:crypto';
import { and, desc, eq, lt } from 'drizzle-orm';
import { type Address, addressLines } from '../../domain/addresses.ts';
import { diskCode, diskSeq } from '../../domain/disk-code.ts';
import { WaybillError } from '../../domain/errors.ts';
import type { NewJob } from '../../domain/new-job.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { addAddress, listAddresses, textOf } from '../addresses/addresses.ts';
import type { ServerContext } from '../context/server-context.ts';
import type { ConsoleDatabase, Reader, Tx } from '../db/database.ts';
import { diskOrders } from '../db/schema/aws.ts';
import { jobs } from '../db/schema/jobs.ts';
import { applyChange } from '../jobs/change-job.ts';
import { insertJob } from '../jobs/create-job.ts';
import type { Job } from '../jobs/job.ts';
import { openSpec } from '../stores/open-store-spec.ts';

/** Disk jobs as the Import/Export API sees them: a job, and the instructions that came with its disk. */

export type DiskOrder = typeof diskOrders.$inferSelect;

/** What an order says beside its job. */
export interface NewDiskOrder {
  job: Omit<NewJob, 'addressId'>;
  returnAddress: Address;
  /** What is signed: the manifest as it was sent. */
  signedText: string;
  /** What is kept of it. */
  manifest: string;
  /** The disk has a file system that can carry the file SIGNATURE. */
  carriesSignature: boolean;
  log: { storeId: string; bucket: string; prefix: string };
}

type Keys = Pick<ServerContext, 'db' | 'linkSecret'>;

/** A job of the option disk by its id of five letters. Throws DiskJobUnknown. */
export async function diskJobOf(db: Reader, code: string): Promise<Job> {
  const seq = diskSeq(code);
  const ofCode = seq === undefined ? undefined : and(eq(jobs.seq, seq), eq(jobs.option, 'disk'));
  const [job] = ofCode ? await db.select().from(jobs).where(ofCode) : [];
  if (!job) throw new WaybillError('DiskJobUnknown', { code: code.slice(0, 40) });
  return job;
}

/** Disk jobs, newest first, from below a job's `seq`. */
export async function listDiskJobs(
  db: Reader,
  { before, limit }: { before: number | undefined; limit: number },
): Promise<Job[]> {
  const older = before === undefined ? undefined : lt(jobs.seq, before);
  return db
    .select()
    .from(jobs)
    .where(and(eq(jobs.option, 'disk'), older))
    .orderBy(desc(jobs.seq))
    .limit(limit);
}

/** The order of a job; undefined for a job that was made elsewhere. */
export async function diskOrderOf(db: Reader, jobId: string): Promise<DiskOrder | undefined> {
  const [order] = await db.select().from(diskOrders).where(eq(diskOrders.jobId, jobId));
  return order;
}

/** Makes a disk job with its order. Throws what `createJob` throws. */
export async function createDiskOrder(
  keys: Keys,
  actor: Actor,
  order: NewDiskOrder,
  now: Date,
): Promise<{ job: Job; order: DiskOrder }> {
  authorize(actor, 'job.create');
  const addressId = await addressIdOf(keys.db, actor, order.returnAddress, now);
  return keys.db.transaction(async (tx) => {
    const job = await insertJob(tx, actor, { ...order.job, addressId }, now);
    return { job, order: await keep(tx, keys, job, order) };
  });
}

/** Replaces the order of a job that has not begun. Throws what `changeJob` throws. */
export async function changeDiskOrder(
  keys: Keys,
  actor: Actor,
  { jobId, order }: { jobId: string; order: NewDiskOrder },
  now: Date,
): Promise<{ job: Job; order: DiskOrder }> {
  authorize(actor, 'job.change', jobId);
  const addressId = await addressIdOf(keys.db, actor, order.returnAddress, now);
  return keys.db.transaction(async (tx) => {
    const { option: _, type: _type, ...change } = { ...order.job, addressId };
    const job = await applyChange(tx, actor, { jobId, change }, now);
    return { job, order: await keep(tx, keys, job, order) };
  });
}

async function keep(
  tx: Tx,
  { linkSecret }: Keys,
  job: Job,
  { manifest, signedText, carriesSignature, log }: NewDiskOrder,
): Promise<DiskOrder> {
  const code = diskCode(job.seq);
  const columns = {
    manifest,
    signatureFile: carriesSignature ? signatureFile(linkSecret, code, signedText) : null,
    logStoreId: log.storeId,
    logBucket: log.bucket,
    logKey: `${log.prefix}${job.type}-log-${code}`,
  };
  const [row] = await tx
    .insert(diskOrders)
    .values({ jobId: job.id, ...columns })
    .onConflictDoUpdate({ target: diskOrders.jobId, set: columns })
    .returning();
  if (!row) throw new WaybillError('Internal', { reference: 'order not kept' });
  return row;
}

/** An address that is already kept is used again. */
async function addressIdOf(
  db: ConsoleDatabase,
  actor: Actor,
  address: Address,
  now: Date,
): Promise<string> {
  const wanted = JSON.stringify(addressLines(address));
  const filter = { archived: false, text: address.street1, limit: 100 };
  const known = (await listAddresses(db.read, filter)).find(
    (row) => JSON.stringify(addressLines(textOf(row))) === wanted,
  );
  return (known ?? (await addAddress(db, actor, address, now))).id;
}

/**
 * The file SIGNATURE: it binds a disk to its job and to the exact instructions. AWS's form (four lines), with
 * HMAC-SHA256 in place of SHA-1; the manifest's line ends count as LF.
 */
function signatureFile(secret: Buffer, code: string, manifest: string): string {
  const text = `${code}\n${manifest.replace(/\r\n/g, '\n')}`;
  const signature = createHmac('sha256', secret).update(`disk-signature\n${text}`).digest('base64');
  const lines = ['version:2.0', 'signingMethod:HmacSHA256', `jobId:${code}`];
  return `${[...lines, `signature:${signature}`].join('\n')}\n`;
}

/** What a station has to do for an order beside moving data: of an import compare the signature, write the log. */
export async function stationOrderOf(keys: Pick<ServerContext, 'db' | 'kms'>, job: Job) {
  const order = await diskOrderOf(keys.db.read, job.id);
  if (!order) return undefined;
  const { signatureFile, logStoreId, logBucket, logKey: key } = order;
  const log = { spec: await openSpec(keys, logStoreId, logBucket), key };
  return { code: diskCode(job.seq), signatureFile, log };
}
