import { eq } from 'drizzle-orm';
import { ERASE_METHODS, type ErasedMedium } from '../../domain/erasing.ts';
import { WaybillError } from '../../domain/errors.ts';
import {
  isVerifiedErasure,
  isWaiverNeeded,
  requireEvidence,
  type Sighting,
} from '../../domain/irreversible.ts';
import { FINAL_STATES } from '../../domain/lifecycle.ts';
import { checkChannel } from '../../domain/lifecycle-decision.ts';
import type { JobState } from '../../domain/words.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Tx } from '../db/database.ts';
import { devices } from '../db/schema/devices.ts';
import type { BegunErasing, Erasure } from '../db/schema/evidence.ts';
import { jobs } from '../db/schema/jobs.ts';
import { leases } from '../db/schema/leases.ts';
import { placeDevice } from '../devices/assign-device.ts';
import { publishEvent } from '../events/publish.ts';
import { getJob, type Job } from '../jobs/job.ts';
import { evidenceOf, evidenceRowOf, keepEvidence } from './evidence.ts';

/** Erasing devices: it begins and ends only as the rule of what cannot be undone allows. */

/**
 * A station wants to erase a job's device, whose seal it verified just now. What it may rest on is kept, so that an
 * erasing which is cut off goes on without the seal. Throws PreconditionFailed.
 */
export async function beginErasing(
  tx: Tx,
  actor: Actor,
  job: Job,
  seen: Sighting,
  now: Date,
): Promise<void> {
  const evidence = await evidenceOf(tx, job, now);
  requireEvidence('erase', evidence, seen);
  const row = await evidenceRowOf(tx, job.id);
  const verified = isVerifiedErasure(evidence, seen);
  if (row.begunErasing?.verified === verified) return;
  const begunErasing: BegunErasing = {
    at: now.toISOString(),
    by: actor.id,
    sealDigest: verified ? (seen.sealDigest ?? evidence.erasingDigest) : null,
    verified,
  };
  await keepEvidence(tx, job.id, { begunErasing });
  const { acceptedLosses, restoreConfirmed, eraseAllowed } = row;
  const detail = {
    sealDigest: begunErasing.sealDigest,
    verified,
    acceptedList: acceptedLosses?.list,
    restoreConfirmedBy: restoreConfirmed?.by,
    allowedBy: isWaiverNeeded(evidence, seen) ? eraseAllowed?.by : undefined,
  };
  const deviceId = job.deviceId ?? undefined;
  await appendCustody(
    tx,
    actor,
    { kind: 'device.erase-begun', jobId: job.id, deviceId, detail },
    now,
  );
}

const ERASABLE = ['erasing', ...FINAL_STATES];

/**
 * The job's device was erased, says the station that holds the claim of it. Of a finished job, the device is free again.
 * Throws NotFound, Forbidden, BadRequest, InvalidJobState, PreconditionFailed where the rule allowed no erasing, or somebody
 * else holds the claim.
 */
export async function markErased(
  db: ConsoleDatabase,
  actor: Actor,
  request: {
    jobId: string;
    files: number;
    bytes: number;
    method: string;
    sealDigest?: string | undefined;
    medium?: ErasedMedium | undefined;
    /** Nobody knows that all was there that the seal names. */
    isRest?: boolean | undefined;
  },
  now: Date,
): Promise<Job> {
  const { jobId, sealDigest, isRest = false, ...report } = request;
  authorize(actor, 'job.work-as-station', jobId);
  return db.transaction(async (tx) => {
    const job = await getJob(tx, jobId);
    if (job.erased) return job;
    if (!ERASABLE.includes(job.state)) {
      const allowed = `only while ${ERASABLE.join(', ')}`;
      throw new WaybillError('InvalidJobState', { action: 'erased', state: job.state, allowed });
    }
    const begun = await begunErasingOf(tx, actor, job, { sealDigest }, now);
    await requireEraseClaim(tx, actor, jobId);
    const done = await believable(tx, job, report);
    const erasure: Erasure = {
      ...begun,
      ...done,
      verified: begun.verified && !isRest,
      at: now.toISOString(),
      by: actor.id,
      unverified: begun.verified ? null : (await evidenceRowOf(tx, jobId)).eraseAllowed,
    };
    const [changed = job] = await tx
      .update(jobs)
      .set({ erased: true })
      .where(eq(jobs.id, jobId))
      .returning();
    await keepEvidence(tx, jobId, { erasure });
    const { at: _, by: __, ...detail } = erasure;
    const deviceId = job.deviceId ?? undefined;
    await appendCustody(tx, actor, { kind: 'device.erased', jobId, deviceId, detail }, now);
    await placeDevice(tx, changed);
    await publishEvent(tx, { jobId, kind: 'device', detail: { erased: true } }, now);
    return changed;
  });
}

/** Only who began to erase the device, and has not lost the work to another since, can know that it is erased. */
async function requireEraseClaim(tx: Tx, actor: Actor, jobId: string): Promise<void> {
  const [held] = await tx.select().from(leases).where(eq(leases.jobId, jobId));
  if (held?.work === 'erase' && held.holder === actor.id) return;
  throw new WaybillError('PreconditionFailed', {
    action: 'erased',
    missing: 'the station holds no claim to erase the device',
    fix: 'let the station do it: waybill station erase',
  });
}

interface DoneErasing {
  files: number;
  bytes: number;
  method: string;
  medium?: ErasedMedium | undefined;
}

/**
 * What a station says it did, as it can be true: a folder that stands in for a device has no medium that could be purged.
 * Throws BadRequest.
 */
async function believable(tx: Tx, job: Job, done: DoneErasing): Promise<DoneErasing> {
  const { medium } = done;
  if (!medium || medium.way === 'overwrite') return done;
  if (medium.simulated) {
    const detail = `medium: a simulated device is not erased by ${medium.way}`;
    throw new WaybillError('BadRequest', { detail });
  }
  const ofJob = eq(devices.id, job.deviceId ?? '');
  const [device] = await tx.select().from(devices).where(ofJob);
  if (!device?.measure?.simulated) return done;
  if (medium.simulated === false && ERASE_METHODS[medium.way].technique !== 'purge') return done;
  // It was prepared as a folder: what the drive erased may be something else.
  return {
    ...done,
    method: ERASE_METHODS.overwrite.done,
    medium: { way: 'overwrite', simulated: true },
  };
}

/** What the erasing rested on when it began; a station that did not say so before has to prove it now. */
async function begunErasingOf(
  tx: Tx,
  actor: Actor,
  job: Job,
  seen: Sighting,
  now: Date,
): Promise<BegunErasing> {
  const before = await evidenceRowOf(tx, job.id);
  if (!before.begunErasing) await beginErasing(tx, actor, job, seen, now);
  const { begunErasing } = await evidenceRowOf(tx, job.id);
  if (!begunErasing) throw new WaybillError('Internal', { reference: 'erasing did not begin' });
  const { sealDigest } = seen;
  if (sealDigest && begunErasing.sealDigest && sealDigest !== begunErasing.sealDigest) {
    throw new WaybillError('PreconditionFailed', {
      action: 'erased',
      missing: 'what was erased had another seal than the device whose erasing began',
      fix: 'report it: waybill job incident; then see which device is which',
    });
  }
  return begunErasing;
}

/**
 * An administrator allows to erase a device that can never be verified: destroyed, foreign, without a seal. Throws
 * NotFound, Forbidden, PreconditionFailed for a customer's disk or while the job needs the device.
 */
export async function allowErase(
  db: ConsoleDatabase,
  actor: Actor,
  request: { jobId: string; note: string },
  now: Date,
): Promise<Job> {
  const { jobId, note } = request;
  authorize(actor, 'device.erase-unverified', jobId);
  return db.transaction(async (tx) => {
    const job = await getJob(tx, jobId);
    const evidence = await evidenceOf(tx, job, now);
    requireDevice(job);
    requireEvidence('begin-erasing', { ...evidence, eraseUnverified: true });
    if (evidence.eraseUnverified) return job;
    const eraseAllowed = { at: now.toISOString(), by: actor.id, note };
    await keepEvidence(tx, jobId, { eraseAllowed });
    const deviceId = job.deviceId ?? undefined;
    const detail = { note };
    await appendCustody(tx, actor, { kind: 'device.erase-allowed', jobId, deviceId, detail }, now);
    await publishEvent(tx, { jobId, kind: 'device', detail: { eraseAllowed: true } }, now);
    return job;
  });
}

function requireDevice({ deviceId, erased }: Job): void {
  if (deviceId !== null && !erased) return;
  throw new WaybillError('PreconditionFailed', {
    action: 'allow-erase',
    missing: erased ? 'the device is erased already' : 'the job has no device',
    fix: 'nothing to do',
  });
}

/** Where somebody can have restored what is on the device of an export, or failed to. */
const RESTORABLE: readonly JobState[] = [
  'at-site',
  'in-transit-to-facility',
  'at-sorting',
  'at-facility',
  'erasing',
  'completed',
];

/**
 * A person confirms that an export's device may be erased although its restore was not reported as done. Throws
 * NotFound, Forbidden, BadRequest for an import, InvalidJobState before the device is at the site and once it is erased.
 */
export async function confirmRestored(
  db: ConsoleDatabase,
  actor: Actor,
  request: { jobId: string; note: string },
  now: Date,
): Promise<Job> {
  const { jobId, note } = request;
  authorize(actor, 'job.confirm-restored', jobId);
  return db.transaction(async (tx) => {
    const job = await getJob(tx, jobId);
    checkChannel(job.option, actor.channel, `waybill job confirm-restored ${jobId}`);
    if (job.type !== 'export') {
      throw new WaybillError('BadRequest', { detail: 'only exports are restored at the site' });
    }
    const { restore, restoreConfirmed } = await evidenceOf(tx, job, now);
    if (restoreConfirmed) return job;
    if (job.erased || !RESTORABLE.includes(job.state)) {
      const allowed = 'only from the device’s arrival at the site until it is erased';
      const { state } = job;
      throw new WaybillError('InvalidJobState', { action: 'confirm-restored', state, allowed });
    }
    await keepEvidence(tx, jobId, {
      restoreConfirmed: { at: now.toISOString(), by: actor.id, note },
    });
    const detail = { note, reported: restore };
    const deviceId = job.deviceId ?? undefined;
    await appendCustody(tx, actor, { kind: 'job.restore-confirmed', jobId, deviceId, detail }, now);
    await publishEvent(tx, { jobId, kind: 'device', detail: { restoreConfirmed: true } }, now);
    return job;
  });
}
