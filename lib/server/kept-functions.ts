import { createHash } from 'node:crypto';
import { asc, eq } from 'drizzle-orm';
import type { FunctionRequest, FunctionRow } from '../api/schemas/processing-schemas.ts';
import { WaybillError } from '../domain/errors.ts';
import { keptStep } from '../domain/kept-functions.ts';
import type { PlanStep } from '../domain/processing.ts';
import { type Actor, authorize } from './actor.ts';
import { appendCustody } from './custody-log.ts';
import type { ConsoleDatabase, Reader } from './db/client.ts';
import { keptFunctions } from './db/function-schema.ts';

/** Code of functions that the console keeps by name, for jobs that name it, as AWS's API does. */

type Row = typeof keptFunctions.$inferSelect;

function shown({ name, sha256, step, changedAt }: Row): FunctionRow {
  const { step: _, code, ...options } = step;
  return { name, sha256, bytes: Buffer.byteLength(String(code)), options, changedAt };
}

export async function listFunctions(db: Reader): Promise<FunctionRow[]> {
  const rows = await db.select().from(keptFunctions).orderBy(asc(keptFunctions.name));
  return rows.map(shown);
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
  const sha256 = createHash('sha256').update(code).digest('hex');
  const row = { name, sha256, step, changedBy: actor.id, changedAt: now.toISOString() };
  return db.transaction(async (tx) => {
    await tx
      .insert(keptFunctions)
      .values(row)
      .onConflictDoUpdate({ target: keptFunctions.name, set: row });
    await appendCustody(tx, actor, { kind: 'function.kept', detail: { name, sha256 } }, now);
    return shown(row);
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
