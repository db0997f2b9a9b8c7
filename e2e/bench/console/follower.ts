import { setTimeout as sleep } from 'node:timers/promises';
import { serverSentEvents } from '../../../agent/console/server-sent-events.ts';
import { API_BASE } from '../../../lib/api/wire.ts';

const OUTAGE_RETRY_MS = 200;

/** What somebody saw who follows the live events as a page does. */
export interface Follower {
  /** Bytes of the last progress that was seen, of each job. */
  progress: Map<string, number>;
  /** Jobs whose creation was seen. */
  created: Set<string>;
  connections: number;
  /** Events that came twice or out of order. */
  disordered: number;
  stop(): void;
}

/** Follows the events; after an interruption it resumes behind the last one it had, by Last-Event-ID. */
export function followEvents(url: string, token: string): Follower {
  const abort = new AbortController();
  const seen: Follower = {
    progress: new Map(),
    created: new Set(),
    connections: 0,
    disordered: 0,
    stop: () => abort.abort(),
  };
  let last = 0;
  const take = ({ id, data }: { id: string; data: string }) => {
    const { jobId, kind, detail } = JSON.parse(data);
    // The first event of a stream only says where it begins.
    if (jobId !== undefined && Number(id) <= last) seen.disordered += 1;
    last = Number(id);
    if (kind === 'progress') seen.progress.set(jobId, detail.bytes);
    if (kind === 'job' && detail.state === 'created') seen.created.add(jobId);
  };
  const follow = async () => {
    while (!abort.signal.aborted) {
      try {
        const headers = {
          authorization: `Bearer ${token}`,
          ...(last > 0 && { 'last-event-id': String(last) }),
        };
        const response = await fetch(`${url}${API_BASE}/events`, {
          headers,
          signal: abort.signal,
        });
        seen.connections += 1;
        for await (const event of serverSentEvents(response)) take(event);
      } catch {
        // The console is away, or the follower was told to stop.
        await sleep(OUTAGE_RETRY_MS);
      }
    }
  };
  void follow();
  return seen;
}
