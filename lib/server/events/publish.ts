import { and, asc, desc, eq, gt } from 'drizzle-orm';
import { events } from '../db/schema/schema.ts';
import type { ConsoleDatabase, Reader, Tx } from '../db/sqlite/open-database.ts';
import { queueNotices } from './outbox.ts';

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

/** Tells browsers something, and who else wants to hear of it, in the transaction of the change. `sourceId` is the agent's own id of the event. */
export async function publishEvent(
  tx: Tx,
  event: { jobId: string; kind: EventKind; detail: Record<string, unknown>; sourceId?: string },
  now: Date,
): Promise<void> {
  await tx.insert(events).values({ ...event, at: now.toISOString() });
  await queueNotices(tx, event, now);
}

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

/** The id of the newest event. */
export async function newestEventId(db: Reader): Promise<number> {
  const [last] = await db.select().from(events).orderBy(desc(events.id)).limit(1);
  return last?.id ?? 0;
}

/** Wakes whoever waits for events. */
export interface EventFeed {
  /** Calls the listener when there may be new events; returns what ends that. */
  listen(listener: () => void): () => void;
  close(): void;
}

const LOOK_MS = 250;

/**
 * One look at the database a process, however many streams there are: the event table, not this process's
 * memory, is what streams read, so any process can serve any stream.
 */
export function openEventFeed(db: ConsoleDatabase): EventFeed {
  const listeners = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let newest = 0;
  const look = async () => {
    const id = await newestEventId(db.read);
    if (id > newest) for (const listener of listeners) listener();
    newest = id;
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  return {
    listen(listener) {
      listeners.add(listener);
      // A database that is closing has nothing new to say.
      timer ??= setInterval(() => void look().catch(stop), LOOK_MS);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) stop();
      };
    },
    close: stop,
  };
}
