import type { ServerContext } from '../../../lib/server/context/server-context.ts';
import { eventsAfter, type JobEvent } from '../../../lib/server/events/events.ts';
import { newestEventId } from '../../../lib/server/events/feed.ts';
import { prunedTo } from '../../../lib/server/startup/event-retention.ts';

const BATCH = 500;
/** Proxies close connections that are silent for a minute. */
const KEEP_ALIVE_MS = 20_000;

/**
 * Server-sent events from the event table: everything after an id, then what comes. Any process can serve and
 * resume any stream (HTML Living Standard, "Server-sent events").
 */
export async function eventStream(
  { db, feed }: Pick<ServerContext, 'db' | 'feed'>,
  { after, jobId, signal }: { after?: number; jobId?: string; signal: AbortSignal },
): Promise<Response> {
  let last = after ?? (await newestEventId(db.read));
  // A reader that has had no event yet must know where it began, or it could not resume there.
  const here = `event: here\nid: ${last}\ndata: {}\n\n`;
  const stale = last < (await prunedTo(db.read)) ? 'event: stale\ndata: {}\n\n' : '';
  const text = new TextEncoder();
  let end = () => {};
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (line: string) => controller.enqueue(text.encode(line));
      let sending = Promise.resolve();
      const sendNew = async () => {
        for (;;) {
          const batch = await eventsAfter(db.read, last, { jobId, limit: BATCH });
          for (const event of batch) send(formatEvent(event));
          last = batch.at(-1)?.id ?? last;
          if (batch.length < BATCH) return;
        }
      };
      const wake = () => {
        sending = sending.then(sendNew).catch(() => end());
      };
      const unlisten = feed.listen(wake);
      const keepAlive = setInterval(() => send(': still here\n\n'), KEEP_ALIVE_MS);
      end = () => {
        unlisten();
        clearInterval(keepAlive);
        signal.removeEventListener('abort', end);
        end = () => {};
        try {
          controller.close();
        } catch {
          // The reader has gone already.
        }
      };
      signal.addEventListener('abort', end);
      send(`retry: 2000\n\n${here}${stale}`);
      // It may have come while the database was asked.
      if (signal.aborted) end();
      else wake();
    },
    cancel: () => end(),
  });
  return new Response(stream, {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      // Nothing else comes by this connection: a console that ends need not wait for it.
      connection: 'close',
    },
  });
}

function formatEvent(event: JobEvent): string {
  const { id, jobId, kind, at, detail } = event;
  return `id: ${id}\ndata: ${JSON.stringify({ id, jobId, kind, at, detail })}\n\n`;
}
