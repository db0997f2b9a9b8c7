import { desc } from 'drizzle-orm';
import type { ConsoleDatabase, Reader } from '../db/database.ts';
import { events } from '../db/schema/events.ts';

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
