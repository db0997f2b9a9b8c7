import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverSentEvents } from '../../../agent/server-sent-events.ts';
import type { Client } from '../../../lib/api/client.ts';
import { API_BASE, type BodyInput } from '../../../lib/api/contract.ts';
import { isWaybillError } from '../../../lib/domain/errors.ts';
import { TB } from '../../../lib/domain/sizes.ts';

const OUTAGE_RETRY_MS = 500;

/** Agents that report about their jobs until told to stop. `everyMs` is between two reports of one agent. */
export function runAgents(client: Client, jobIds: readonly string[], everyMs: number) {
  /** Bytes of the last report that the console took, of each job. */
  const taken = new Map<string, number>();
  const took: number[] = [];
  let isOver = false;
  const agent = async (jobId: string, first: number) => {
    await sleep(first);
    for (let n = 1; !isOver; n += 1) {
      const counts = { objects: n, bytes: n * 1_000_000, skipped: 0, failed: 0 };
      const event = { kind: 'progress', phase: 'copy', ...counts } as const;
      const totals = { totalObjects: 1_000_000, totalBytes: 40 * TB };
      const body = {
        id: randomUUID(),
        at: new Date().toISOString(),
        event: { ...event, ...totals },
      };
      const started = performance.now();
      while (!(await sent(client, jobId, body))) await sleep(OUTAGE_RETRY_MS);
      took.push(performance.now() - started);
      taken.set(jobId, counts.bytes);
      await sleep(Math.max(0, everyMs - (performance.now() - started)));
    }
  };
  const all = Promise.all(jobIds.map((jobId, i) => agent(jobId, (i / jobIds.length) * everyMs)));
  return {
    taken,
    took,
    stop: async () => {
      isOver = true;
      await all;
    },
  };
}

type Report = BodyInput<'sendEvent'>;

async function sent(client: Client, jobId: string, body: Report): Promise<boolean> {
  try {
    await client.call('sendEvent', { params: { jobId }, body });
    return true;
  } catch (error) {
    if (isWaybillError(error, 'ConsoleUnreachable')) return false;
    throw error;
  }
}

/** Follows the live events as a page does: after an interruption it resumes behind the last one it had. */
export function followEvents(url: string, token: string) {
  const seen = new Map<string, number>();
  const abort = new AbortController();
  let last: string | undefined;
  let connections = 0;
  const follow = async () => {
    while (!abort.signal.aborted) {
      try {
        const response = await fetch(`${url}${API_BASE}/events`, {
          headers: {
            authorization: `Bearer ${token}`,
            ...(last !== undefined && { 'last-event-id': last }),
          },
          signal: abort.signal,
        });
        connections += 1;
        for await (const { id, data } of serverSentEvents(response)) {
          last = id;
          const { jobId, detail } = JSON.parse(data);
          seen.set(jobId, detail.bytes);
        }
      } catch {
        await sleep(OUTAGE_RETRY_MS);
      }
    }
  };
  void follow();
  return { seen, connections: () => connections, stop: () => abort.abort() };
}
