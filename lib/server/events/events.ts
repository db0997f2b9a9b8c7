import { and, asc, eq, gt } from 'drizzle-orm';
import type { Reader } from '../db/database.ts';
import { events } from '../db/schema/events.ts';

export type JobEvent = typeof events.$inferSelect;

export type EventKind =
  | 'job'
  | 'progress'
  | 'copy-phase'
  | 'processing'
  | 'operation'
  | 'shipment'
  | 'incident'
  | 'report'
  | 'seal'
  | 'device'
  | 'credentials';

/** Events after an id, oldest first; of one job if given. */
export async function eventsAfter(
  db: Reader,
  after: number,
  { jobId, limit }: { jobId?: string | undefined; limit: number },
): Promise<JobEvent[]> {
  const ofJob = jobId === undefined ? undefined : eq(events.jobId, jobId);
  return db
    .select()
    .from(events)
    .where(and(gt(events.id, after), ofJob))
    .orderBy(asc(events.id))
    .limit(limit);
}
