import { and, asc, eq, isNull } from 'drizzle-orm';
import type { Evidence } from '../../domain/irreversible.ts';
import { OPTION_RULES } from '../../domain/options.ts';
import type { JobFacts } from '../../domain/preconditions.ts';
import { uncomparedSealsOf } from '../../domain/tamper-seals.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { operationNewsOf } from '../agent-events/operation-states.ts';
import { readSetting, writeSetting } from '../context/settings.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Reader, Tx } from '../db/database.ts';
import { jobEvidence } from '../db/schema/evidence.ts';
import { incidents } from '../db/schema/incidents.ts';
import { shipments } from '../db/schema/shipments.ts';
import type { Job } from '../jobs/job.ts';
import { sealsRequiredOf } from '../shipping/seal-settings.ts';

/** Days that a device is kept after losses were accepted, unless the installation says otherwise. */
export const GRACE_DAYS = 30;
const DAY_MS = 86_400_000;

export type EvidenceRow = typeof jobEvidence.$inferSelect;

const NOTHING: Omit<EvidenceRow, 'jobId'> = {
  failureList: null,
  reportAttempts: 0,
  retryRequested: null,
  acceptedLosses: null,
  restoreConfirmed: null,
  eraseAllowed: null,
  begunErasing: null,
  erasure: null,
};

/** What is kept of a job for acts that cannot be undone; empty when there is nothing yet. */
export async function evidenceRowOf(db: Reader, jobId: string): Promise<EvidenceRow> {
  const [row] = await db.select().from(jobEvidence).where(eq(jobEvidence.jobId, jobId));
  return row ?? { ...NOTHING, jobId };
}

/** Keeps something of it, within a change. */
export async function keepEvidence(
  tx: Tx,
  jobId: string,
  change: Partial<Omit<EvidenceRow, 'jobId'>>,
): Promise<void> {
  await tx
    .insert(jobEvidence)
    .values({ jobId, ...change })
    .onConflictDoUpdate({ target: jobEvidence.jobId, set: change });
}

/** Days that a device is kept after losses were accepted. */
export async function graceDaysOf(db: Reader): Promise<number> {
  const kept = await readSetting(db, 'erase-grace-days');
  return kept === undefined ? GRACE_DAYS : Number(kept);
}

/** Changes it, also for losses that were accepted before. Throws Forbidden. */
export async function changeGraceDays(
  db: ConsoleDatabase,
  actor: Actor,
  { graceDays }: { graceDays: number },
  now: Date,
): Promise<{ graceDays: number }> {
  authorize(actor, 'settings.manage');
  await db.transaction(async (tx) => {
    const from = await graceDaysOf(tx);
    if (from === graceDays) return;
    await writeSetting(tx, 'erase-grace-days', String(graceDays));
    const detail = { eraseGraceDays: graceDays, from };
    await appendCustody(tx, actor, { kind: 'installation.changed', detail }, now);
  });
  return { graceDays };
}

/** What the rules look at, computed from a job's rows. */
export async function factsOf(db: Reader, job: Job, now: Date): Promise<JobFacts> {
  const { option, type, state, copyPhase, devicePrepared, sealed, reported, erased } = job;
  const evidence = await evidenceOf(db, job, now);
  return {
    jobId: job.id,
    option,
    type,
    state,
    copyPhase,
    devicePrepared,
    sealed,
    reported,
    erased,
    hasDevice: job.deviceId !== null,
    attention: evidence.incidents.length > 0,
    rangeFits: job.rangeSum === null || job.rangeSum.bytes <= job.sizeBytes,
    evidence,
  };
}

/** What is known of a job and its device that acts which cannot be undone may rest on. */
export async function evidenceOf(db: Reader, job: Job, now: Date): Promise<Evidence> {
  const { type, state, seal, report, reported, erased } = job;
  const row = await evidenceRowOf(db, job.id);
  const open = await db
    .select({ kind: incidents.kind })
    .from(incidents)
    .where(and(eq(incidents.jobId, job.id), isNull(incidents.resolvedAt)))
    .orderBy(asc(incidents.id));
  const news = await operationNewsOf(db, job.id);
  const legs = await db
    .select()
    .from(shipments)
    .where(eq(shipments.jobId, job.id))
    .orderBy(asc(shipments.id));
  const graceEnds = await graceEndOf(db, row);
  return {
    type,
    state,
    owner: OPTION_RULES[job.option].owner,
    begun: job.copyPhase !== 'not-started' || job.sealed,
    incidents: [...new Set(open.map(({ kind }) => kind))],
    sealDigest: seal?.sealDigest ?? null,
    objects: seal?.objects ?? 0,
    reported,
    reportedDigest: report?.sealDigest ?? null,
    failed: failedOf(job),
    failureList: row.failureList,
    acceptedList: row.acceptedLosses?.list ?? null,
    graceEnds: graceEnds?.toISOString() ?? null,
    graceOver: graceEnds !== undefined && graceEnds <= now,
    restore: news.find(({ operation }) => operation === 'restore')?.state ?? null,
    restoreConfirmed: row.restoreConfirmed !== null,
    retryRequested: row.retryRequested !== null,
    uncomparedSeals: uncomparedSealsOf(legs),
    sealsRequired: await sealsRequiredOf(db),
    eraseUnverified: row.eraseAllowed !== null,
    erasingDigest: row.begunErasing?.sealDigest ?? null,
    erased,
    wholeArchive: job.archive === 'device',
  };
}

async function graceEndOf(db: Reader, row: EvidenceRow): Promise<Date | undefined> {
  if (row.acceptedLosses === null) return undefined;
  const days = await graceDaysOf(db);
  return new Date(Date.parse(row.acceptedLosses.at) + days * DAY_MS);
}

/**
 * Objects of the seal that a report does not confirm. The report's own count holds those that the load could not read at
 * the source, too: they never were on the device.
 */
function failedOf({ type, seal, report }: Job): number {
  if (type === 'export' || !seal) return 0;
  if (!report) return seal.objects;
  return Math.max(0, seal.objects - report.objects, report.failed - seal.failed);
}
