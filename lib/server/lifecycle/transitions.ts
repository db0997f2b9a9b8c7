import { and, eq, isNull } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import type { Evidence } from '../../domain/irreversible.ts';
import { type Action, FINAL_STATES, type LifecycleRow } from '../../domain/lifecycle.ts';
import { decide } from '../../domain/lifecycle-decision.ts';
import { outcomeOf } from '../../domain/report.ts';
import { ARRIVALS, LEG_OF, SHIPPING_SERVICE_LABELS } from '../../domain/shipments.ts';
import type { Outcome } from '../../domain/words.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { destinationOf } from '../addresses/facility-address.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Tx } from '../db/database.ts';
import { incidents } from '../db/schema/incidents.ts';
import { jobs } from '../db/schema/jobs.ts';
import { shipments } from '../db/schema/shipments.ts';
import { placeDevice } from '../devices/assign-device.ts';
import { factsOf, keepEvidence } from '../erasing/evidence.ts';
import { publishEvent } from '../events/publish.ts';
import { getJob, type Job } from '../jobs/job.ts';
import { revokeJobTokens } from '../people/tokens.ts';
import { noteArrival } from '../shipping/seal-comparison.ts';

/** How a device was handed to a carrier. */
export interface NewShipment {
  carrier: string;
  service?: string;
  trackingNumber?: string;
  /** Numbers of the tamper seals on the device. */
  sealNumbers?: string[];
}

export interface ActionRequest {
  jobId: string;
  action: Action;
  shipment?: NewShipment;
  /** Of an arrival: the tamper seals that are on the device. Not given: they are not compared. */
  sealNumbers?: readonly string[] | undefined;
  /** Begin an import although tamper seals that were noted at departure were not compared. */
  withoutSealComparison?: boolean | undefined;
  note?: string;
}

/**
 * Does an action on a job: the only writer of a job's state. Job, device, shipment, custody entry and event
 * are one transaction. Throws NotFound, and what `decide` refuses.
 */
export async function act(
  db: ConsoleDatabase,
  actor: Actor,
  request: ActionRequest,
  now: Date,
): Promise<Job> {
  return db.transaction((tx) => applyAction(tx, actor, request, now));
}

/** As `act`, within a change. */
export async function applyAction(
  tx: Tx,
  actor: Actor,
  request: ActionRequest,
  now: Date,
): Promise<Job> {
  const { jobId, action, note } = request;
  authorize(actor, 'job.read', jobId);
  const job = await getJob(tx, jobId);
  if (request.sealNumbers && !ARRIVALS.includes(action))
    throw new WaybillError('BadRequest', { detail: `sealNumbers: ${action} is no arrival` });
  const facts = await factsOf(tx, job, now);
  const row = decide(facts, action, actor);
  const sealsNotCompared = sealsLeftOut(facts.evidence, request);
  const at = now.toISOString();
  const [changed] = await tx
    .update(jobs)
    .set({
      state: row.to,
      stateSince: at,
      outcome: outcomeAfter(job, row),
    })
    .where(and(eq(jobs.id, jobId), eq(jobs.state, job.state)))
    .returning();
  if (!changed) throw new WaybillError('Conflict', { detail: 'the job has changed meanwhile' });
  // What a closed job left is not tried again: nobody waits for that.
  if (action === 'close') await keepEvidence(tx, jobId, { retryRequested: null });
  await placeDevice(tx, changed);
  await writeShipment(tx, actor, { job, request }, at);
  if (FINAL_STATES.includes(row.to)) {
    const open = and(eq(incidents.jobId, jobId), isNull(incidents.resolvedAt));
    await tx.update(incidents).set({ resolvedAt: at }).where(open);
    await revokeJobTokens(tx, jobId, now);
  }
  const detail = {
    action,
    from: job.state,
    to: row.to,
    shipment: request.shipment,
    sealsNotCompared,
    note,
  };
  await appendCustody(
    tx,
    actor,
    { kind: 'job.transition', jobId, deviceId: changed.deviceId ?? undefined, detail },
    now,
  );
  await publishEvent(tx, { jobId, kind: 'job', detail: { state: row.to, action } }, now);
  if (ARRIVALS.includes(action)) await noteArrival(tx, actor, changed, request, now);
  return changed;
}

/**
 * The tamper seals without whose comparison an import begins, for the custody log: whoever begins it says that this is
 * meant. Throws PreconditionFailed.
 */
function sealsLeftOut(
  { uncomparedSeals }: Evidence,
  { jobId, action, withoutSealComparison }: ActionRequest,
): string[] | undefined {
  if (action !== 'start-import' || uncomparedSeals.length === 0) return undefined;
  if (withoutSealComparison) return uncomparedSeals;
  const numbers = uncomparedSeals.join(', ');
  throw new WaybillError('PreconditionFailed', {
    action,
    missing: `the tamper seals noted at departure (${numbers}) were not compared on arrival`,
    fix: `compare them: waybill job seals ${jobId} --seal NUMBER; or begin all the same: --without-seals`,
  });
}

/** An import ends as its report says, an export as its seal does; a job that was closed ends with errors. */
function outcomeAfter(job: Job, { action, to }: LifecycleRow): Outcome | null {
  if (action === 'close') return 'with-errors';
  if (to !== 'completed') return job.outcome;
  return job.outcome ?? (job.seal ? outcomeOf(job.seal) : null);
}

async function writeShipment(
  tx: Tx,
  actor: Actor,
  { job, request }: { job: Job; request: ActionRequest },
  at: string,
): Promise<void> {
  const { jobId, action, shipment } = request;
  const { addressId, shippingService } = job;
  const asked = shippingService ? SHIPPING_SERVICE_LABELS[shippingService] : '';
  const leg = LEG_OF[action];
  if (leg) {
    await tx.insert(shipments).values({
      jobId,
      leg,
      carrier: shipment?.carrier ?? '',
      service: shipment?.service || asked,
      trackingNumber: shipment?.trackingNumber ?? '',
      sealNumbers: shipment?.sealNumbers ?? [],
      destination: await destinationOf(tx, { leg, addressId }),
      handedOverBy: actor.id,
      shippedAt: at,
    });
  }
}
