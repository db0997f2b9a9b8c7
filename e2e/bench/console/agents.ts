import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../../lib/api/client.ts';
import type { BodyInput } from '../../../lib/api/contract.ts';
import { isWaybillError } from '../../../lib/domain/errors.ts';
import { TB } from '../../../lib/domain/sizes.ts';

const OUTAGE_RETRY_MS = 200;

/** Agents that report until they are told to stop. */
export interface Agents {
  /** Bytes of the last report that the console took, of each job. */
  taken: Map<string, number>;
  /** How long each report took, ms; outages included. */
  took: number[];
  stop(): Promise<void>;
}

/** One agent a job. `everyMs` is between two reports of one agent; 0: as fast as they are taken. */
export function runAgents(client: Client, jobIds: readonly string[], everyMs: number): Agents {
  const taken = new Map<string, number>();
  const took: number[] = [];
  let isOver = false;
  const agent = async (jobId: string, first: number) => {
    await sleep(first);
    for (let n = 1; !isOver; n += 1) {
      const body = reportOf(n);
      const started = performance.now();
      await through(() => client.call('sendEvent', { params: { jobId }, body }));
      took.push(performance.now() - started);
      taken.set(jobId, n * REPORT_BYTES);
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

const REPORT_BYTES = 1_000_000;

function reportOf(n: number): BodyInput<'sendEvent'> {
  const counts = { objects: n, bytes: n * REPORT_BYTES, skipped: 0, failed: 0 };
  const totals = { totalObjects: 1_000_000, totalBytes: 40 * TB };
  const event = { kind: 'progress', phase: 'copy', ...counts, ...totals } as const;
  return { id: randomUUID(), at: new Date().toISOString(), event };
}

/** A person who makes one job after the other; what the console has confirmed must not be lost. */
export function runPerson(client: Client, everyMs: number) {
  const made: string[] = [];
  let isOver = false;
  const work = async () => {
    while (!isOver) {
      const { id } = await through(() => client.call('createJob', { body: JOB }));
      made.push(id);
      await sleep(everyMs);
    }
  };
  const working = work();
  return {
    made,
    stop: async () => {
      isOver = true;
      await working;
    },
  };
}

const JOB: BodyInput<'createJob'> = {
  name: 'made meanwhile',
  sizeBytes: 50 * TB,
  storeId: 'embedded',
  bucket: 'default',
  option: 'snowball',
  type: 'import',
};

/** Does it again until the console answers: an agent's outbox does the same. */
async function through<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isWaybillError(error, 'ConsoleUnreachable')) throw error;
      await sleep(OUTAGE_RETRY_MS);
    }
  }
}
