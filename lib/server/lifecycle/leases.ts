import { randomUUID } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import { missingOf } from '../../domain/irreversible.ts';
import { WORK_PERMISSIONS } from '../../domain/permissions.ts';
import { takesReport } from '../../domain/report.ts';
import type { StationWork } from '../../domain/words.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import type { ConsoleDatabase, Tx } from '../db/database.ts';
import { leases } from '../db/schema/leases.ts';
import { beginErasing } from '../erasing/erasing.ts';
import { evidenceOf, evidenceRowOf } from '../erasing/evidence.ts';
import { getJob, type Job } from '../jobs/job.ts';

/** How long a station may be silent before its work can be taken over. */
export const LEASE_MS = 60_000;

export type Lease = typeof leases.$inferSelect;

/**
 * Claims a station's work on a job. Throws AlreadyClaimed while another holder's lease runs, unless that is taken
 * over; PreconditionFailed, NotFound, Forbidden.
 */
export async function claim(
  db: ConsoleDatabase,
  actor: Actor,
  request: {
    jobId: string;
    work: StationWork;
    takeOver?: boolean | undefined;
    /** Of the seal that the station verified just now, for erasing. */
    sealDigest?: string | undefined;
  },
  now: Date,
): Promise<Lease> {
  const { jobId, work, sealDigest } = request;
  authorize(actor, WORK_PERMISSIONS[work], jobId);
  return db.transaction(async (tx) => {
    const job = await getJob(tx, jobId);
    const [held] = await tx.select().from(leases).where(eq(leases.jobId, jobId));
    if (held && held.expiresMs > now.getTime() && !request.takeOver) {
      const until = new Date(held.expiresMs).toISOString();
      throw new WaybillError('AlreadyClaimed', {
        jobId,
        work: held.work,
        holder: held.holder,
        until,
      });
    }
    if (work === 'import') await requireImportable(tx, job);
    if (work === 'import' || work === 'export') await requireNotSetAside(tx, job, work, now);
    if (work === 'erase') await beginErasing(tx, actor, job, { sealDigest }, now);
    const lease: Lease = {
      jobId,
      id: randomUUID(),
      work,
      holder: actor.id,
      expiresMs: now.getTime() + LEASE_MS,
    };
    await tx.insert(leases).values(lease).onConflictDoUpdate({ target: leases.jobId, set: lease });
    return lease;
  });
}

/** Nothing is written into a store of which no report would be taken. */
async function requireImportable(tx: Tx, job: Job): Promise<void> {
  const { state } = job;
  const { retryRequested } = await evidenceRowOf(tx, job.id);
  if (state === 'at-facility' || takesReport({ ...job, retryRequested })) return;
  const allowed =
    'once the device is at the facility, until its report is there; then: waybill job retry-failed';
  throw new WaybillError('InvalidJobState', { action: 'import', state, allowed });
}

/** Nothing is read from or written onto a device that an incident keeps aside: it may not be the one. */
async function requireNotSetAside(tx: Tx, job: Job, work: StationWork, now: Date): Promise<void> {
  const kept = missingOf('not-set-aside', await evidenceOf(tx, job, now));
  if (!kept) return;
  const { missing, fix } = kept;
  throw new WaybillError('PreconditionFailed', { action: work, missing, fix });
}

/** The holder is alive. Throws LeaseLost when the lease ran out, was taken over, or is another's. */
export async function renew(
  db: ConsoleDatabase,
  actor: Actor,
  lease: { jobId: string; id: string },
  now: Date,
): Promise<Lease> {
  return db.transaction(async (tx) => {
    const [held] = await tx.select().from(leases).where(leaseOf(actor, lease));
    if (!held || held.expiresMs <= now.getTime()) {
      throw new WaybillError('LeaseLost', { jobId: lease.jobId, work: held?.work ?? 'the work' });
    }
    const renewed = { ...held, expiresMs: now.getTime() + LEASE_MS };
    await tx.update(leases).set(renewed).where(leaseOf(actor, lease));
    return renewed;
  });
}

/** The work is done, or given up; a lease that is lost, or another's, is no error and stays as it is. */
export async function release(
  db: ConsoleDatabase,
  actor: Actor,
  lease: { jobId: string; id: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.delete(leases).where(leaseOf(actor, lease));
  });
}

const leaseOf = ({ id: holder }: Actor, { jobId, id }: { jobId: string; id: string }) =>
  and(eq(leases.jobId, jobId), eq(leases.id, id), eq(leases.holder, holder));
