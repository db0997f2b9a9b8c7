import { and, eq, ne, sql } from 'drizzle-orm';
import { DEVICE_STATE_AT, type DeviceMeasure, isLargeEnough } from '../../domain/devices.ts';
import { WaybillError } from '../../domain/errors.ts';
import { FINAL_STATES } from '../../domain/lifecycle.ts';
import { OPTION_RULES } from '../../domain/options.ts';
import { formatBytes } from '../../domain/sizes.ts';
import type { DeviceState } from '../../domain/words.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Reader, Tx } from '../db/database.ts';
import { devices } from '../db/schema/devices.ts';
import { jobs } from '../db/schema/jobs.ts';
import { publishEvent } from '../events/publish.ts';
import { getJob, type Job } from '../jobs/job.ts';
import { requireFitting } from '../ranges/range-fit.ts';

export type Device = typeof devices.$inferSelect;

/** A device can be given to a job in these states. */
const FREE: readonly DeviceState[] = ['available', 'erased'];

/** Throws NotFound. */
export async function getDevice(db: Reader, id: string): Promise<Device> {
  const [device] = await db.select().from(devices).where(eq(devices.id, id));
  if (!device) throw new WaybillError('NotFound', { what: 'device', id });
  return device;
}

/** Adds a device within a change. */
export async function insertDevice(
  tx: Tx,
  actor: Actor,
  device: Omit<typeof devices.$inferInsert, 'createdAt'>,
  now: Date,
): Promise<Device> {
  const [row] = await tx
    .insert(devices)
    .values({ ...device, createdAt: now.toISOString() })
    .returning();
  if (!row) throw new WaybillError('Internal', { reference: 'device not inserted' });
  const detail = { owner: row.owner, capacityBytes: row.capacityBytes };
  await appendCustody(tx, actor, { kind: 'device.added', deviceId: row.id, detail }, now);
  return row;
}

const ASSIGNABLE = ['created', 'preparing'] as const;

/**
 * Gives an appliance job its device; giving it the same one again changes nothing. Throws NotFound,
 * InvalidJobState, DeviceNotAvailable, DeviceTooSmall, Conflict (the job has another device).
 */
export async function assignDevice(
  db: ConsoleDatabase,
  actor: Actor,
  request: { jobId: string; deviceId: string; measure?: DeviceMeasure | undefined },
  now: Date,
): Promise<Job> {
  const { jobId, deviceId, measure } = request;
  authorize(actor, 'job.handle-at-facility', jobId);
  return db.transaction(async (tx) => {
    const job = await getJob(tx, jobId);
    if (measure) authorize(actor, 'job.work-as-station', jobId);
    if (measure) await noteMeasure(tx, actor, { job, deviceId, measure }, now);
    if (job.deviceId === deviceId) return job;
    if (job.deviceId !== null) {
      throw new WaybillError('WrongDevice', { found: deviceId, expected: job.deviceId });
    }
    if (!ASSIGNABLE.some((state) => state === job.state)) {
      const allowed = ASSIGNABLE.join(' or ');
      throw new WaybillError('InvalidJobState', {
        action: 'giving it a device',
        state: job.state,
        allowed: `only while ${allowed}`,
      });
    }
    const device = await getDevice(tx, deviceId);
    if (!FREE.includes(device.state) || device.jobId !== null) {
      throw new WaybillError('DeviceNotAvailable', { deviceId, state: device.state });
    }
    const isMeasured = device.measure !== null && !device.measure.simulated;
    if (!isMeasured && device.capacityBytes < job.sizeBytes) {
      throw new WaybillError('DeviceTooSmall', {
        deviceId,
        capacity: formatBytes(device.capacityBytes),
        needed: formatBytes(job.sizeBytes),
      });
    }
    const [changed] = await tx.update(jobs).set({ deviceId }).where(eq(jobs.id, jobId)).returning();
    await tx.update(devices).set({ state: 'reserved', jobId }).where(eq(devices.id, deviceId));
    const detail = { assigned: true };
    await appendCustody(tx, actor, { kind: 'device.changed', jobId, deviceId, detail }, now);
    await publishEvent(tx, { jobId, kind: 'device', detail: { deviceId } }, now);
    return changed ?? job;
  });
}

/** Keeps what a station measured; of a real device it is its capacity. Throws DeviceTooSmall. */
async function noteMeasure(
  tx: Tx,
  actor: Actor,
  { job, deviceId, measure }: { job: Job; deviceId: string; measure: DeviceMeasure },
  now: Date,
): Promise<void> {
  if (!isLargeEnough(measure, job.sizeBytes)) {
    throw new WaybillError('DeviceTooSmall', {
      deviceId,
      capacity: formatBytes(measure.sizeBytes),
      needed: formatBytes(job.sizeBytes),
    });
  }
  const device = await getDevice(tx, deviceId);
  if (isSameMeasure(device.measure, measure)) return;
  const capacityBytes = measure.simulated ? device.capacityBytes : measure.sizeBytes;
  await tx.update(devices).set({ measure, capacityBytes }).where(eq(devices.id, deviceId));
  const event = { jobId: job.id, deviceId, detail: { measured: measure } };
  await appendCustody(tx, actor, { kind: 'device.changed', ...event }, now);
}

/** What is free changes all the time and is no news. */
const isSameMeasure = (known: DeviceMeasure | null, measure: DeviceMeasure): boolean =>
  known !== null &&
  known.simulated === measure.simulated &&
  known.sizeBytes === measure.sizeBytes &&
  known.source === measure.source;

/** The label of the job is on its device. Throws NotFound, InvalidJobState, PreconditionFailed, ExportTooLarge. */
export async function markPrepared(
  db: ConsoleDatabase,
  actor: Actor,
  jobId: string,
  now: Date,
): Promise<Job> {
  authorize(actor, 'job.work-as-station', jobId);
  return db.transaction(async (tx) => {
    const job = await getJob(tx, jobId);
    if (job.devicePrepared) return job;
    const { deviceId } = job;
    if (deviceId === null) {
      throw new WaybillError('PreconditionFailed', {
        action: 'prepared',
        missing: 'no device is assigned',
        fix: 'assign one: waybill station prepare',
      });
    }
    requireFitting(job);
    const states = OPTION_RULES[job.option].deviceShipsFirst ? ['preparing'] : ['at-facility'];
    if (!states.includes(job.state)) {
      const allowed = `only while ${states.join(' or ')}`;
      throw new WaybillError('InvalidJobState', { action: 'prepared', state: job.state, allowed });
    }
    const [changed] = await tx
      .update(jobs)
      .set({ devicePrepared: true })
      .where(eq(jobs.id, jobId))
      .returning();
    const detail = { prepared: true, volumeId: job.volumeId };
    await appendCustody(tx, actor, { kind: 'device.changed', jobId, deviceId, detail }, now);
    await publishEvent(tx, { jobId, kind: 'device', detail: { prepared: true } }, now);
    return changed ?? job;
  });
}

/** A device that is set aside keeps its state until it is found or released. */
const SET_ASIDE: DeviceState[] = ['lost', 'quarantined', 'retired'];

/** Puts the device in the state that its job's state means, and frees it when the job needs it no longer. */
export async function placeDevice(tx: Tx, job: Job): Promise<void> {
  if (job.deviceId === null) return;
  const device = await getDevice(tx, job.deviceId);
  const isFinal = FINAL_STATES.includes(job.state);
  if (SET_ASIDE.includes(device.state)) {
    if (isFinal) await tx.update(devices).set({ jobId: null }).where(eq(devices.id, device.id));
    return;
  }
  const state = isFinal ? afterJob(device, job) : DEVICE_STATE_AT[job.state];
  if (!state) return;
  const jobId = state === 'erased' || state === 'available' || state === 'retired' ? null : job.id;
  await tx.update(devices).set({ state, jobId }).where(eq(devices.id, device.id));
}

function afterJob(device: Device, job: Job): DeviceState {
  if (device.owner === 'customer') return 'retired';
  if (job.erased) return 'erased';
  return job.devicePrepared ? 'at-facility' : 'available';
}

/** How many devices of the provider are there, but for those that are retired, and how many of them a job has. */
export async function countProviderDevices(db: Reader): Promise<{ all: number; inUse: number }> {
  const [row] = await db
    .select({ all: sql<number>`count(*)`, inUse: sql<number>`count(${devices.jobId})` })
    .from(devices)
    .where(and(eq(devices.owner, 'provider'), ne(devices.state, 'retired')));
  return { all: row?.all ?? 0, inUse: row?.inUse ?? 0 };
}
