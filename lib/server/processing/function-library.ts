import { createHash } from 'node:crypto';
import { asc, eq, notInArray, type SQL, sql } from 'drizzle-orm';
import type {
  FunctionRequest,
  FunctionRow,
  FunctionWithCode,
  ListedFunction,
} from '../../api/schemas/processing-schemas.ts';
import { WaybillError } from '../../domain/errors.ts';
import { keptStep } from '../../domain/kept-functions.ts';
import { FINAL_STATES } from '../../domain/lifecycle.ts';
import type { PlanStep, ProcessingPlan } from '../../domain/processing.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Reader, Tx } from '../db/database.ts';
import { jobFunctions, keptFunctions } from '../db/schema/functions.ts';
import { jobs } from '../db/schema/jobs.ts';

/** Code of functions that the console keeps by name, for jobs that name it, as AWS's API does. */

type Row = typeof keptFunctions.$inferSelect;

function toFunctionRow({ name, sha256, step, changedAt }: Row): FunctionRow {
  const { step: _, code, ...options } = step;
  return { name, sha256, bytes: Buffer.byteLength(String(code)), options, changedAt };
}

const sha256Of = (code: string): string => createHash('sha256').update(code).digest('hex');

/** Every function, and how many jobs have the code that it has now. */
export async function listFunctions(db: Reader): Promise<ListedFunction[]> {
  const rows = await db.select().from(keptFunctions).orderBy(asc(keptFunctions.name));
  const [all, open] = await Promise.all([
    countByCode(db, undefined),
    countByCode(db, notInArray(jobs.state, [...FINAL_STATES])),
  ]);
  return rows.map((row) => ({
    ...toFunctionRow(row),
    jobs: all.get(row.sha256) ?? 0,
    openJobs: open.get(row.sha256) ?? 0,
  }));
}

async function countByCode(db: Reader, these: SQL | undefined): Promise<Map<string, number>> {
  const rows = await db
    .select({ sha256: jobFunctions.sha256, count: sql<number>`count(*)` })
    .from(jobFunctions)
    .innerJoin(keptFunctions, eq(keptFunctions.sha256, jobFunctions.sha256))
    .innerJoin(jobs, eq(jobs.id, jobFunctions.jobId))
    .where(these)
    .groupBy(jobFunctions.sha256, keptFunctions.name);
  return new Map(rows.map(({ sha256, count }) => [sha256, count]));
}

/** Notes which code a job has. A job has a copy: what is kept may change. */
export async function recordFunctions(
  tx: Tx,
  jobId: string,
  plan: ProcessingPlan | null,
): Promise<void> {
  await tx.delete(jobFunctions).where(eq(jobFunctions.jobId, jobId));
  const codes = (plan?.steps ?? []).flatMap(({ code }) => (typeof code === 'string' ? [code] : []));
  const rows = [...new Set(codes)].map((code) => ({ sha256: sha256Of(code), jobId }));
  if (rows.length > 0) await tx.insert(jobFunctions).values(rows);
}

/** One function, with its code. Throws NotFound. */
export async function getFunction(db: Reader, name: string): Promise<FunctionWithCode> {
  const [row] = await db.select().from(keptFunctions).where(eq(keptFunctions.name, name));
  if (!row) throw new WaybillError('NotFound', { what: 'function', id: name });
  return { ...toFunctionRow(row), code: String(row.step.code) };
}

/** The step that a function stands for; undefined when none has the name. */
export async function functionStep(db: Reader, name: string): Promise<PlanStep | undefined> {
  const [row] = await db.select().from(keptFunctions).where(eq(keptFunctions.name, name));
  return row?.step;
}

/**
 * Keeps a function under a name, in place of one that had it: jobs that exist stay as they are. Throws Forbidden,
 * BadRequest, ProcessingInvalid.
 */
export async function keepFunction(
  db: ConsoleDatabase,
  actor: Actor,
  { name, code, options }: FunctionRequest & { name: string },
  now: Date,
): Promise<FunctionRow> {
  authorize(actor, 'job.create');
  const step = keptStep(name, { ...options, code });
  const sha256 = sha256Of(code);
  const row = { name, sha256, step, changedBy: actor.id, changedAt: now.toISOString() };
  return db.transaction(async (tx) => {
    await tx
      .insert(keptFunctions)
      .values(row)
      .onConflictDoUpdate({ target: keptFunctions.name, set: row });
    await appendCustody(tx, actor, { kind: 'function.kept', detail: { name, sha256 } }, now);
    return toFunctionRow(row);
  });
}

/** Throws NotFound, Forbidden. */
export async function removeFunction(
  db: ConsoleDatabase,
  actor: Actor,
  name: string,
  now: Date,
): Promise<void> {
  authorize(actor, 'job.create');
  await db.transaction(async (tx) => {
    const [row] = await tx.delete(keptFunctions).where(eq(keptFunctions.name, name)).returning();
    if (!row) throw new WaybillError('NotFound', { what: 'function', id: name });
    const detail = { name, sha256: row.sha256 };
    await appendCustody(tx, actor, { kind: 'function.removed', detail }, now);
  });
}
