import { lt, sql } from 'drizzle-orm';
import type { ServerContext } from '../context/server-context.ts';
import { readSetting, writeSetting } from '../context/settings.ts';
import type { ConsoleDatabase, Reader } from '../db/database.ts';
import { deviceCode, rateLimit, session } from '../db/schema/auth.ts';
import { events } from '../db/schema/events.ts';

/** Events are for pages and followers; what has to be kept is in the custody log. */
const KEEP_MS = 30 * 86_400_000;
const PRUNE_EVERY_MS = 3_600_000;
const ATTEMPTS_KEPT_MS = 3_600_000;

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

/** Forgets logins of programs that ran out, and counts of attempts that no limit asks for any more. */
export async function pruneSignIns(db: ConsoleDatabase, now: Date): Promise<void> {
  await db.transaction(async (tx) => {
    // Kept for a while: who still asks for it is told that it ran out.
    const longAgo = new Date(now.getTime() - ATTEMPTS_KEPT_MS);
    await tx.delete(deviceCode).where(lt(deviceCode.expiresAt, longAgo));
    await tx.delete(session).where(lt(session.expiresAt, now));
    await tx.delete(rateLimit).where(lt(rateLimit.lastRequest, now.getTime() - ATTEMPTS_KEPT_MS));
  });
}

/** Keeps the tables of events and attempts from growing, until the returned function is called. */
export function startRetention({ db, log }: Pick<ServerContext, 'db' | 'log'>): () => void {
  const prune = async () => {
    const now = new Date();
    await pruneEvents(db, new Date(now.getTime() - KEEP_MS));
    await pruneSignIns(db, now);
  };
  const look = () =>
    prune().catch((error: unknown) =>
      log.error({ error: String(error) }, 'events and attempts were not pruned'),
    );
  void look();
  const timer = setInterval(look, PRUNE_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
