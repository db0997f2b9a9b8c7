import { and, asc, eq, gt, or, type SQL, sql } from 'drizzle-orm';
import type { DeviceDetail, DeviceFilter } from '../../api/schemas/device-schemas.ts';
import {
  type ChosenDeviceState,
  DEVICE_ACTIONS,
  deviceActions,
  isNeeded,
  placeOf,
} from '../../domain/devices.ts';
import { WaybillError } from '../../domain/errors.ts';
import { permits } from '../../domain/permissions.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { appendCustody } from '../custody/log.ts';
import { holdsText } from '../db/contains-text.ts';
import type { ConsoleDatabase, Reader } from '../db/database.ts';
import { devices } from '../db/schema/devices.ts';
import { jobs } from '../db/schema/jobs.ts';
import { insertDevice } from './assign-device.ts';

/** The inventory: which devices there are, where they are, and what people do with those that no job needs. */

const withJob = (db: Reader) =>
  db
    .select({ device: devices, job: { id: jobs.id, name: jobs.name, state: jobs.state } })
    .from(devices)
    .leftJoin(jobs, eq(jobs.id, devices.jobId));
type Row = Awaited<ReturnType<typeof withJob>>[number];

function detailOf(actor: Actor, { device, job }: Row): DeviceDetail {
  const facts = { ...device, jobState: job?.state ?? null };
  const actions = permits(actor.role, 'device.manage') ? deviceActions(facts) : [];
  return { ...device, job, place: placeOf(facts), actions };
}

function matching({ state, owner, text }: DeviceFilter): SQL | undefined {
  return and(
    state && eq(devices.state, state),
    owner && eq(devices.owner, owner),
    text ? or(holdsText(devices.id, text), holdsText(devices.note, text)) : undefined,
  );
}

/** Devices that match in the order of their ids, after one of them; and how many match in all. */
export async function listDevices(
  db: Reader,
  actor: Actor,
  filter: DeviceFilter,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<{ devices: DeviceDetail[]; total: number }> {
  const matches = matching(filter);
  const rest = after === undefined ? undefined : gt(devices.id, after);
  const rows = await withJob(db).where(and(rest, matches)).orderBy(asc(devices.id)).limit(limit);
  const [counted] = await db.select({ total: sql<number>`count(*)` }).from(devices).where(matches);
  return { devices: rows.map((row) => detailOf(actor, row)), total: counted?.total ?? 0 };
}

/** A device as pages and programs see it. Throws NotFound. */
export async function showDevice(db: Reader, actor: Actor, id: string): Promise<DeviceDetail> {
  const [row] = await withJob(db).where(eq(devices.id, id));
  if (!row) throw new WaybillError('NotFound', { what: 'device', id });
  return detailOf(actor, row);
}

/** Adds a device of the provider. Throws Conflict when the id is taken, Forbidden. */
export async function addDevice(
  db: ConsoleDatabase,
  actor: Actor,
  device: { id: string; capacityBytes: number; note: string },
  now: Date,
): Promise<DeviceDetail> {
  authorize(actor, 'device.manage');
  return db.transaction(async (tx) => {
    const [taken] = await tx.select().from(devices).where(eq(devices.id, device.id));
    if (taken) throw new WaybillError('Conflict', { detail: `a device ${device.id} exists` });
    const row = { ...device, owner: 'provider', state: 'available' } as const;
    await insertDevice(tx, actor, row, now);
    return showDevice(tx, actor, device.id);
  });
}

/** What people change of a device. Capacity bytes. */
export interface DeviceChange {
  state?: ChosenDeviceState | undefined;
  note?: string | undefined;
  capacityBytes?: number | undefined;
}

/** Changes the note of a device; its state and capacity while no job needs it. Throws NotFound, DeviceChangeRefused. */
export async function changeDevice(
  db: ConsoleDatabase,
  actor: Actor,
  id: string,
  change: DeviceChange,
  now: Date,
): Promise<DeviceDetail> {
  authorize(actor, 'device.manage');
  return db.transaction(async (tx) => {
    const device = await showDevice(tx, actor, id);
    refuseUnlessPossible(device, change);
    const { state } = change;
    const leaves = state !== undefined && state !== device.state;
    await tx
      .update(devices)
      .set({ ...change, ...(leaves && { jobId: null }) })
      .where(eq(devices.id, id));
    const event = { deviceId: id, detail: { ...change } };
    await appendCustody(tx, actor, { kind: 'device.changed', ...event }, now);
    return showDevice(tx, actor, id);
  });
}

function refuseUnlessPossible(device: DeviceDetail, { state, capacityBytes }: DeviceChange): void {
  const { id: deviceId, job, owner } = device;
  const moves = state !== undefined && state !== device.state;
  if (!moves && capacityBytes === undefined) return;
  const targets = device.actions.map((name) => DEVICE_ACTIONS[name].to);
  const refuse = (detail: string): never => {
    throw new WaybillError('DeviceChangeRefused', {
      deviceId,
      state: device.state,
      detail,
      allowed: targets.join(', ') || 'its note only',
      wanted: moves ? state : `a device of ${capacityBytes} bytes`,
    });
  };
  if (isNeeded({ jobState: job?.state ?? null })) refuse(`job ${job?.id} has it`);
  if (owner === 'customer') refuse('it is the customer’s and goes with its job');
  if (moves && !targets.includes(state)) refuse('there is no such step');
}
