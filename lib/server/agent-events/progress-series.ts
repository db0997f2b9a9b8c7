import { and, asc, count, eq, max, sql } from 'drizzle-orm';
import type { Progress, ProgressSeries } from '../../api/schemas/work-schemas.ts';
import type { Reader, Tx } from '../db/database.ts';
import { progressSamples } from '../db/schema/progress.ts';

/** Agents tell of their progress about this often, milliseconds. */
const FIRST_STEP_MS = 2000;
/** Samples kept of one phase of a job: as many points as a chart can show. */
export const SAMPLES_MAX = 240;

type Sampled = Pick<Progress, 'phase' | 'objects' | 'bytes'>;

/** Keeps a sample of a job's progress, in the transaction that takes it. The last one of a slot of time stays. */
export async function keepSample(
  tx: Tx,
  jobId: string,
  { phase, objects, bytes }: Sampled,
  now: Date,
): Promise<void> {
  const series = and(eq(progressSamples.jobId, jobId), eq(progressSamples.phase, phase));
  const [kept] = await tx
    .select({ samples: count(), stepMs: max(progressSamples.stepMs) })
    .from(progressSamples)
    .where(series);
  const stepMs = kept?.stepMs ?? FIRST_STEP_MS;
  const sample = { at: now.toISOString(), objects, bytes };
  await tx
    .insert(progressSamples)
    .values({ jobId, phase, stepMs, slot: Math.floor(now.getTime() / stepMs), ...sample })
    .onConflictDoUpdate({
      target: [progressSamples.jobId, progressSamples.phase, progressSamples.slot],
      set: sample,
    });
  if ((kept?.samples ?? 0) >= SAMPLES_MAX) await widen(tx, series, stepMs * 2);
}

/** Two slots become one: of their samples the later one stays. */
async function widen(tx: Tx, series: ReturnType<typeof and>, stepMs: number): Promise<void> {
  const { slot } = progressSamples;
  const half = sql`${slot} / 2`;
  const lasting = tx
    .select({ slot: max(slot) })
    .from(progressSamples)
    .where(series)
    .groupBy(half);
  await tx.delete(progressSamples).where(and(series, sql`${slot} not in ${lasting}`));
  await tx.update(progressSamples).set({ slot: half, stepMs }).where(series);
}

/** How the phases of a job's work went, in the order in which they began; few samples however long it took. */
export async function progressSeries(db: Reader, jobId: string): Promise<ProgressSeries[]> {
  const rows = await db
    .select()
    .from(progressSamples)
    .where(eq(progressSamples.jobId, jobId))
    .orderBy(asc(progressSamples.at), asc(progressSamples.slot));
  const series = new Map<string, ProgressSeries>();
  for (const { phase, stepMs, at, objects, bytes } of rows) {
    const known = series.get(phase) ?? { phase: phase as Progress['phase'], stepMs, samples: [] };
    known.samples.push({ at, objects, bytes });
    series.set(phase, known);
  }
  return [...series.values()];
}
