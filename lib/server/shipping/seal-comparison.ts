import { and, desc, eq, isNotNull, isNull } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import { checkChannel } from '../../domain/lifecycle-decision.ts';
import { compareSeals, describeSeals, sealsAgree } from '../../domain/tamper-seals.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Tx } from '../db/database.ts';
import { shipments } from '../db/schema/shipments.ts';
import { publishEvent } from '../events/publish.ts';
import { openIncident } from '../incidents/incidents.ts';
import { getJob, type Job } from '../jobs/job.ts';

type Shipment = typeof shipments.$inferSelect;

/** Ends the leg that is under way; seals that were entered are compared with those that the device left with. */
export async function noteArrival(
  tx: Tx,
  actor: Actor,
  job: Job,
  { sealNumbers }: { sealNumbers?: readonly string[] | undefined },
  now: Date,
): Promise<void> {
  const arrived = await tx
    .update(shipments)
    .set({ arrivedAt: now.toISOString() })
    .where(and(eq(shipments.jobId, job.id), isNull(shipments.arrivedAt)))
    .returning();
  const leg = arrived.at(-1);
  if (leg && sealNumbers) await compare(tx, actor, { job, leg, sealNumbers }, now);
}

/**
 * Compares seals that are entered after the arrival, such as of a device that a station took in by itself. Throws
 * NotFound, NotManageableInConsole, PreconditionFailed before any arrival, Forbidden.
 */
export async function enterArrivalSeals(
  db: ConsoleDatabase,
  actor: Actor,
  request: { jobId: string; sealNumbers: readonly string[] },
  now: Date,
): Promise<Job> {
  const { jobId, sealNumbers } = request;
  authorize(actor, 'job.incident', jobId);
  return db.transaction(async (tx) => {
    const job = await getJob(tx, jobId);
    checkChannel(job.option, actor.channel, `waybill job seals ${jobId} --seal NUMBER`);
    const [leg] = await tx
      .select()
      .from(shipments)
      .where(and(eq(shipments.jobId, jobId), isNotNull(shipments.arrivedAt)))
      .orderBy(desc(shipments.id))
      .limit(1);
    if (!leg)
      throw new WaybillError('PreconditionFailed', {
        action: 'comparing tamper seals',
        missing: 'the device has arrived nowhere yet',
        fix: 'enter them when it has arrived',
      });
    await compare(tx, actor, { job, leg, sealNumbers }, now);
    return job;
  });
}

/** The custody log says how they compare; a difference is an incident. */
async function compare(
  tx: Tx,
  actor: Actor,
  work: { job: Job; leg: Shipment; sealNumbers: readonly string[] },
  now: Date,
): Promise<void> {
  const { job, leg, sealNumbers } = work;
  const comparison = compareSeals(leg.sealNumbers, sealNumbers);
  const { arrived } = comparison;
  await tx.update(shipments).set({ arrivalSeals: arrived }).where(eq(shipments.id, leg.id));
  const same = sealsAgree(comparison);
  const detail = { leg: leg.leg, same, ...comparison };
  const event = { jobId: job.id, deviceId: job.deviceId ?? undefined, detail };
  await appendCustody(tx, actor, { kind: 'shipment.seals', ...event }, now);
  await publishEvent(tx, { jobId: job.id, kind: 'shipment', detail: { seals: same } }, now);
  if (same) return;
  const note = describeSeals(comparison);
  await openIncident(tx, actor, job, { kind: 'seal-differs', note }, now);
}
