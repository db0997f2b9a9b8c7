import type { Tx } from '../db/database.ts';
import { events } from '../db/schema/events.ts';
import type { EventKind } from './events.ts';
import { queueNotices } from './outbox.ts';

/** Tells browsers something, and who else wants to hear of it, in the transaction of the change. `sourceId` is the agent's own id of the event. */
export async function publishEvent(
  tx: Tx,
  event: { jobId: string; kind: EventKind; detail: Record<string, unknown>; sourceId?: string },
  now: Date,
): Promise<void> {
  await tx.insert(events).values({ ...event, at: now.toISOString() });
  await queueNotices(tx, event, now);
}
