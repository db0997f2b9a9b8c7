import { and, eq } from 'drizzle-orm';
import { type Actor, authorize } from '../actors/actor.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Reader, Tx } from '../db/database.ts';
import { bucketMarkers } from '../db/schema/store-endpoints.ts';
import { getJob } from '../jobs/job.ts';

/**
 * The markers of buckets in directories, as stations found them first. Kept here they outlive every station: whatever host or
 * process works for a job next knows which bucket it has to be.
 */

/** The marker of a bucket; undefined when no station has told it. */
export async function markerOf(
  db: Reader,
  storeId: string,
  bucket: string,
): Promise<string | undefined> {
  const [row] = await db
    .select({ marker: bucketMarkers.marker })
    .from(bucketMarkers)
    .where(and(eq(bucketMarkers.storeId, storeId), eq(bucketMarkers.bucket, bucket)));
  return row?.marker;
}

/** Every marker, by store and bucket. */
export async function allMarkers(db: Reader): Promise<Map<string, Record<string, string>>> {
  const found = new Map<string, Record<string, string>>();
  for (const { storeId, bucket, marker } of await db.select().from(bucketMarkers))
    found.set(storeId, { ...found.get(storeId), [bucket]: marker });
  return found;
}

/**
 * Keeps the marker that a station found in the bucket of its job. Returns the one that counts: the first. Throws NotFound,
 * Forbidden.
 */
export async function noteMarker(
  db: ConsoleDatabase,
  actor: Actor,
  { jobId, marker }: { jobId: string; marker: string },
  now: Date,
): Promise<{ marker: string }> {
  authorize(actor, 'job.work-as-station', jobId);
  return db.transaction(async (tx) => {
    const { storeId, bucket } = await getJob(tx, jobId);
    const known = await markerOf(tx, storeId, bucket);
    if (known !== undefined) return { marker: known };
    const row = { storeId, bucket, marker, notedAt: now.toISOString() };
    await tx.insert(bucketMarkers).values(row);
    const detail = { storeId, bucket, marker };
    await appendCustody(tx, actor, { kind: 'store.changed', jobId, detail }, now);
    return { marker };
  });
}

/** Takes the markers of a store for unknown: its buckets lie elsewhere now, and are marked again. */
export async function forgetMarkers(tx: Tx, storeId: string): Promise<void> {
  await tx.delete(bucketMarkers).where(eq(bucketMarkers.storeId, storeId));
}
