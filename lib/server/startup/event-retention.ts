import { lt, sql } from 'drizzle-orm';
import type { ServerContext } from '../context/server-context.ts';
import { readSetting, writeSetting } from '../context/settings.ts';
import type { ConsoleDatabase, Reader } from '../db/database.ts';
import { events } from '../db/schema/events.ts';

/** Events are for pages and followers; what has to be kept is in the custody log. */
const KEEP_MS = 30 * 86_400_000;
const PRUNE_EVERY_MS = 3_600_000;

/** Forgets events from before a time, and remembers up to which id. */
export async function pruneEvents(db: ConsoleDatabase, before: Date): Promise<void> {
  await db.transaction(async (tx) => {
    const old = lt(events.at, before.toISOString());
    const [last] = await tx
      .select({ id: sql<number | null>`max(${events.id})` })
      .from(events)
      .where(old);
    if (!last?.id) return;
    await tx.delete(events).where(old);
    await writeSetting(tx, 'events-pruned-to', String(last.id));
  });
}

/** The largest id of an event that was forgotten: who resumes before it has missed some. */
export async function prunedTo(db: Reader): Promise<number> {
  return Number((await readSetting(db, 'events-pruned-to')) ?? 0);
}

/** Keeps the table of events from growing, until the returned function is called. */
export function startRetention({ db, log }: Pick<ServerContext, 'db' | 'log'>): () => void {
  const look = () =>
    pruneEvents(db, new Date(Date.now() - KEEP_MS)).catch((error: unknown) =>
      log.error({ error: String(error) }, 'events were not pruned'),
    );
  void look();
  const timer = setInterval(look, PRUNE_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
