import { readConfig } from '../context/config.ts';
import type { ServerContext } from '../context/server-context.ts';
import { openConsole } from './open-console.ts';

/** Pages, routes and start-up are separate bundles of one process: what they share hangs on the process itself. */
const shared = globalThis as typeof globalThis & {
  waybillConsole?: Promise<ServerContext>;
  waybillEnding?: AbortController;
};

/** The console of this process, opened at first use. */
export function runningConsole(): Promise<ServerContext> {
  shared.waybillConsole ??= openConsole(readConfig());
  return shared.waybillConsole;
}

/**
 * Aborted when this process is asked to end. The server waits for what it is answering: whatever would go on for as
 * long as somebody reads has to end by itself.
 */
export function ending(): AbortSignal {
  if (!shared.waybillEnding) {
    const ending = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
    shared.waybillEnding = ending;
  }
  return shared.waybillEnding.signal;
}
