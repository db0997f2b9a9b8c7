import { and, eq } from 'drizzle-orm';
import type { AgentEvent } from '../../api/schemas/work-schemas.ts';
import { phaseFollows } from '../../domain/copy-phase.ts';
import { WaybillError } from '../../domain/errors.ts';
import { INCIDENT_OF_ERROR, type IncidentKind } from '../../domain/incidents.ts';
import { FINAL_STATES } from '../../domain/lifecycle.ts';
import { loadingState } from '../../domain/operations.ts';
import type { CopyPhase } from '../../domain/words.ts';
import { readSealReceipt } from '../../keys/seal-receipt.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import type { ServerContext } from '../context/server-context.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Tx } from '../db/database.ts';
import { custody } from '../db/schema/custody.ts';
import { events } from '../db/schema/events.ts';
import { jobs } from '../db/schema/jobs.ts';
import { publishEvent } from '../events/publish.ts';
import { closeIncidents, openIncident } from '../incidents/incidents.ts';
import { getJob, type Job } from '../jobs/job.ts';
import { keepOperation } from './operation-states.ts';
import { keepSample } from './progress-series.ts';

/** What agents and stations tell about a copy, import or export. */

function requireLoading(job: Job, action: string): void {
  const state = loadingState(job);
  if (job.state === state) return;
  throw new WaybillError('InvalidJobState', {
    action,
    state: job.state,
    allowed: `only while ${state}`,
  });
}

/** Takes an event in; the same id a second time changes nothing. Throws NotFound, OutOfScope, InvalidJobState, Conflict. */
export async function takeEvent(
  db: ConsoleDatabase,
  actor: Actor,
  request: { jobId: string } & AgentEvent,
  now: Date,
): Promise<void> {
  const { jobId, id, event } = request;
  authorize(actor, 'job.report-copy', jobId);
  await db.transaction(async (tx) => {
    const [known] = await tx.select().from(events).where(eq(events.sourceId, id));
    if (known) return;
    const job = await getJob(tx, jobId);
    if (event.kind === 'progress') return takeProgress(tx, job, request, now);
    if (event.kind === 'processing') return takeProcessing(tx, job, request, now);
    if (event.kind === 'operation') return takeOperation(tx, job, request, now);
    if (event.kind === 'failure') return takeFailure(tx, actor, job, event, now);
    await changeCopyPhase(tx, actor, job, event.phase, now);
    const detail = { phase: event.phase };
    await publishEvent(tx, { jobId, kind: 'copy-phase', detail, sourceId: id }, now);
  });
}

/** Only the newest progress of a job is kept: its event moves to the end of the stream. */
async function takeProgress(tx: Tx, job: Job, { id, event }: AgentEvent, now: Date): Promise<void> {
  if (event.kind !== 'progress' || FINAL_STATES.includes(job.state)) return;
  const { kind, ...counts } = event;
  const progress = { ...counts, at: now.toISOString() };
  await tx.update(jobs).set({ progress }).where(eq(jobs.id, job.id));
  await keepSample(tx, job.id, progress, now);
  await tx.delete(events).where(and(eq(events.jobId, job.id), eq(events.kind, 'progress')));
  await publishEvent(tx, { jobId: job.id, kind, detail: progress, sourceId: id }, now);
}

/** What the steps did so far; only the newest is kept. */
async function takeProcessing(
  tx: Tx,
  job: Job,
  { id, event }: AgentEvent,
  now: Date,
): Promise<void> {
  if (event.kind !== 'processing' || FINAL_STATES.includes(job.state)) return;
  const { results } = event;
  await tx.update(jobs).set({ processingResults: results }).where(eq(jobs.id, job.id));
  const { kept, outputs } = results;
  const detail = { kept, ...outputs };
  await publishEvent(tx, { jobId: job.id, kind: 'processing', detail, sourceId: id }, now);
}

async function takeOperation(
  tx: Tx,
  job: Job,
  { id, event }: AgentEvent,
  now: Date,
): Promise<void> {
  if (event.kind !== 'operation') return;
  await keepOperation(tx, job.id, event.news, now);
  const { operation, state } = event.news;
  const detail = { operation, state };
  await publishEvent(tx, { jobId: job.id, kind: 'operation', detail, sourceId: id }, now);
}

const INCIDENT_OF: Record<string, IncidentKind> = {
  copy: 'copy-failed',
  import: 'import-failed',
  export: 'export-failed',
};

async function takeFailure(
  tx: Tx,
  actor: Actor,
  job: Job,
  event: Extract<AgentEvent['event'], { kind: 'failure' }>,
  now: Date,
): Promise<void> {
  if (FINAL_STATES.includes(job.state)) return;
  const note = `${event.code}: ${event.message}`;
  const ofDevice = event.work === 'copy' ? undefined : INCIDENT_OF_ERROR[event.code];
  const kind = ofDevice ?? INCIDENT_OF[event.work] ?? 'other';
  await openIncident(tx, actor, job, { kind, note }, now);
}

async function changeCopyPhase(
  tx: Tx,
  actor: Actor,
  job: Job,
  phase: CopyPhase,
  now: Date,
): Promise<void> {
  if (phase === 'sealed' || phase === 'not-started') {
    throw new WaybillError('Conflict', { detail: `${phase} cannot be reported as an event` });
  }
  requireLoading(job, `copy phase ${phase}`);
  if (!phaseFollows(job.copyPhase, phase)) {
    const detail = `the copy is ${job.copyPhase}; ${phase} does not follow`;
    throw new WaybillError('Conflict', { detail });
  }
  if (job.copyPhase === phase) return;
  const reopened = job.sealed;
  await tx
    .update(jobs)
    .set({ copyPhase: phase, ...(reopened ? { sealed: false, seal: null } : {}) })
    .where(eq(jobs.id, job.id));
  const detail = { from: job.copyPhase, to: phase };
  const kind = reopened ? 'job.reopened' : 'job.copy-phase';
  await appendCustody(tx, actor, { kind, jobId: job.id, detail }, now);
  if (phase === 'copying') {
    const kinds: IncidentKind[] = ['copy-failed', 'export-failed'];
    await closeIncidents(tx, actor, job, { kinds, note: 'the copy goes on' }, now);
  }
}

/**
 * Takes the receipt that proves a seal. A volume sealed again after it was reopened has a new one; an
 * older one than ever was known changes nothing. Throws NotFound, OutOfScope, SealReceiptInvalid, SealSuperseded,
 * InvalidJobState.
 */
export async function takeSealReceipt(
  { db, authority }: Pick<ServerContext, 'db' | 'authority'>,
  actor: Actor,
  request: { jobId: string; der: Uint8Array },
  now: Date,
): Promise<Job> {
  const { jobId, der } = request;
  authorize(actor, 'job.report-copy', jobId);
  const receipt = readSealReceipt(der, { caPem: authority.certificatePem, jobId, now });
  return db.transaction(async (tx) => {
    const job = await getJob(tx, jobId);
    if (receipt.deviceId !== job.deviceId || receipt.volumeId !== job.volumeId) {
      throw new WaybillError('SealReceiptInvalid', { detail: 'it is of another device' });
    }
    if (job.seal?.sealDigest === receipt.sealDigest) return job;
    const latest = await latestSeal(tx, jobId);
    if (latest && Date.parse(receipt.sealedAt) < Date.parse(latest.sealedAt)) {
      // An outbox may be emptied after a newer receipt came in another way: what it tells is out of date, and no error.
      if (actor.jobId !== undefined) return job;
      const { sealDigest: found } = receipt;
      throw new WaybillError('SealSuperseded', { found, known: latest.sealDigest });
    }
    // A device that came back without its receipt is not imported before that has been handed in.
    const isMissing =
      job.type === 'import' && job.seal === null && !FINAL_STATES.includes(job.state);
    if (!isMissing) requireLoading(job, 'handing in a seal receipt');
    const { objects, bytes, skipped, failed, sealDigest, sealedAt } = receipt;
    const seal = { objects, bytes, skipped, failed, sealDigest, sealedAt };
    const [changed] = await tx
      .update(jobs)
      .set({ sealed: true, copyPhase: 'sealed', seal })
      .where(eq(jobs.id, jobId))
      .returning();
    const deviceId = job.deviceId ?? undefined;
    await appendCustody(
      tx,
      actor,
      { kind: 'job.sealed', jobId, deviceId, detail: { ...seal, agent: receipt.agentVersion } },
      now,
    );
    const kinds: IncidentKind[] = ['copy-failed', 'export-failed'];
    await closeIncidents(tx, actor, job, { kinds, note: 'the volume is sealed' }, now);
    await publishEvent(tx, { jobId, kind: 'seal', detail: { ...seal } }, now);
    return changed ?? job;
  });
}

/**
 * The newest seal of a job that ever was known, also after it was taken off: a clone of an earlier state has a valid
 * receipt as well, and nothing goes back to it.
 */
async function latestSeal(
  tx: Tx,
  jobId: string,
): Promise<{ sealDigest: string; sealedAt: string } | undefined> {
  const rows = await tx
    .select({ detail: custody.detail })
    .from(custody)
    .where(and(eq(custody.jobId, jobId), eq(custody.kind, 'job.sealed')));
  return rows
    .map(({ detail }) => ({
      sealDigest: String(detail.sealDigest),
      sealedAt: String(detail.sealedAt),
    }))
    .filter(({ sealedAt }) => !Number.isNaN(Date.parse(sealedAt)))
    .sort((a, b) => Date.parse(b.sealedAt) - Date.parse(a.sealedAt))[0];
}

/** The seal was taken off at the site. Throws NotFound, OutOfScope, InvalidJobState. */
export async function takeReopening(
  db: ConsoleDatabase,
  actor: Actor,
  jobId: string,
  now: Date,
): Promise<Job> {
  authorize(actor, 'job.report-copy', jobId);
  return db.transaction(async (tx) => {
    const job = await getJob(tx, jobId);
    requireLoading(job, 'reopening');
    if (job.sealed) {
      await changeCopyPhase(tx, actor, job, 'copying', now);
      await publishEvent(tx, { jobId, kind: 'copy-phase', detail: { phase: 'copying' } }, now);
    }
    return getJob(tx, jobId);
  });
}
