import { and, asc, eq, inArray, isNull } from 'drizzle-orm';
import { DEVICE_STATE_AT } from '../../domain/devices.ts';
import { WaybillError } from '../../domain/errors.ts';
import { INCIDENTS, type IncidentKind, SELF_CLOSING } from '../../domain/incidents.ts';
import { missingOf } from '../../domain/irreversible.ts';
import { FINAL_STATES } from '../../domain/lifecycle.ts';
import { checkChannel } from '../../domain/lifecycle-decision.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Reader, Tx } from '../db/database.ts';
import { devices } from '../db/schema/devices.ts';
import { incidents } from '../db/schema/incidents.ts';
import { evidenceOf } from '../erasing/evidence.ts';
import { publishEvent } from '../events/publish.ts';
import { getJob, type Job } from '../jobs/job.ts';

const openOf = (jobId: string) => and(eq(incidents.jobId, jobId), isNull(incidents.resolvedAt));

/** Incidents of a job, oldest first. */
export async function incidentsOf(db: Reader, jobId: string) {
  return db.select().from(incidents).where(eq(incidents.jobId, jobId)).orderBy(asc(incidents.id));
}

/** Whether an incident of a kind is open. */
export async function hasOpenIncident(
  db: Reader,
  jobId: string,
  kind: IncidentKind,
): Promise<boolean> {
  const open = await db.select().from(incidents).where(openOf(jobId));
  return open.some((incident) => incident.kind === kind);
}

/**
 * Reports what went wrong with a job’s device. Throws NotFound, Forbidden, InvalidJobState for a finished job that has
 * no device any more.
 */
export async function reportIncident(
  db: ConsoleDatabase,
  actor: Actor,
  request: { jobId: string; kind: IncidentKind; note: string },
  now: Date,
): Promise<Job> {
  const { jobId } = request;
  authorize(actor, 'job.incident', jobId);
  return db.transaction(async (tx) => {
    const job = await getJob(tx, jobId);
    checkChannel(job.option, actor.channel, `waybill job incident ${jobId}`);
    if (FINAL_STATES.includes(job.state) && !(await hasDevice(tx, job))) {
      const allowed = 'nothing, the job is finished';
      throw new WaybillError('InvalidJobState', { action: 'incident', state: job.state, allowed });
    }
    await openIncident(tx, actor, job, request, now);
    return job;
  });
}

/** A finished job keeps its device until it is erased. */
async function hasDevice(tx: Tx, { id, deviceId }: Job): Promise<boolean> {
  if (deviceId === null) return false;
  const [device] = await tx.select().from(devices).where(eq(devices.id, deviceId));
  return device?.jobId === id;
}

/** Opens an incident within a change; one of the same kind that is open already stands for it. */
export async function openIncident(
  tx: Tx,
  actor: Actor,
  job: Job,
  { kind, note }: { kind: IncidentKind; note: string },
  now: Date,
): Promise<void> {
  const open = await tx.select().from(incidents).where(openOf(job.id));
  if (open.some((incident) => incident.kind === kind && incident.note === note)) return;
  const openedAt = now.toISOString();
  await tx.insert(incidents).values({ jobId: job.id, kind, note, reportedBy: actor.id, openedAt });
  const state = INCIDENTS[kind].device;
  if (state && job.deviceId)
    await tx.update(devices).set({ state }).where(eq(devices.id, job.deviceId));
  const event = { jobId: job.id, deviceId: job.deviceId ?? undefined, detail: { kind, note } };
  await appendCustody(tx, actor, { kind: 'job.incident', ...event }, now);
  await publishEvent(tx, { jobId: job.id, kind: 'incident', detail: { kind } }, now);
}

/**
 * Resolves the open incidents, or those of the given kinds; when none is left, the device is again where its job says. A
 * station closes only what it opens by itself; objects that did not land are tried again or given up, else it stays. Throws
 * NotFound, NoAttention, PreconditionFailed, Forbidden.
 */
export async function resolveIncidents(
  db: ConsoleDatabase,
  actor: Actor,
  request: { jobId: string; note: string; kinds?: IncidentKind[] | undefined },
  now: Date,
): Promise<Job> {
  const { jobId, note } = request;
  authorize(actor, 'job.resolve-incident', jobId);
  const kinds =
    actor.role === 'station'
      ? (request.kinds ?? SELF_CLOSING).filter((kind) => SELF_CLOSING.includes(kind))
      : request.kinds;
  return db.transaction(async (tx) => {
    const job = await getJob(tx, jobId);
    checkChannel(job.option, actor.channel, `waybill job resolve ${jobId}`);
    const may = await resolvable(tx, job, kinds, now);
    const closed = await closeIncidents(tx, actor, job, { kinds: may, note }, now);
    if (closed.length === 0) throw new WaybillError('NoAttention');
    if ((await tx.select().from(incidents).where(openOf(jobId))).length > 0) return job;
    // Of a finished job only a device that waits to be erased has incidents.
    const state = FINAL_STATES.includes(job.state) ? 'at-facility' : DEVICE_STATE_AT[job.state];
    if (state && job.deviceId)
      await tx.update(devices).set({ state }).where(eq(devices.id, job.deviceId));
    return job;
  });
}

/**
 * Of the open incidents those that a person resolves by saying so: what did not land is decided, not talked away. Throws
 * PreconditionFailed when that is all that is open, or asked for.
 */
async function resolvable(
  tx: Tx,
  job: Job,
  kinds: IncidentKind[] | undefined,
  now: Date,
): Promise<IncidentKind[] | undefined> {
  const open = await tx.select().from(incidents).where(openOf(job.id));
  const openKinds = open.map(({ kind }) => kind).filter((kind) => kinds?.includes(kind) ?? true);
  if (!openKinds.includes('objects-failed')) return kinds;
  const lost = missingOf('landed', await evidenceOf(tx, job, now));
  if (!lost) return kinds;
  const others = openKinds.filter((kind) => kind !== 'objects-failed');
  if (others.length > 0 && kinds === undefined) return others;
  const { missing, fix } = lost;
  throw new WaybillError('PreconditionFailed', { action: 'resolve', missing, fix });
}

/** Closes open incidents within a change: of the given kinds, or all. Returns the kinds that were open. */
export async function closeIncidents(
  tx: Tx,
  actor: Actor,
  job: Job,
  { kinds, note }: { kinds?: IncidentKind[] | undefined; note: string },
  now: Date,
): Promise<IncidentKind[]> {
  const toResolve = and(openOf(job.id), kinds ? inArray(incidents.kind, kinds) : undefined);
  const closed = await tx
    .update(incidents)
    .set({ resolvedAt: now.toISOString() })
    .where(toResolve)
    .returning();
  if (closed.length === 0) return [];
  const resolved = closed.map((incident) => incident.kind);
  const detail = { kinds: resolved, note };
  const deviceId = job.deviceId ?? undefined;
  const entry = { kind: 'job.incident-resolved', jobId: job.id, deviceId, detail } as const;
  await appendCustody(tx, actor, entry, now);
  await publishEvent(tx, { jobId: job.id, kind: 'incident', detail: { resolved } }, now);
  return resolved;
}
