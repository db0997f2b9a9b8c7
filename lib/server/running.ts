import { readConfig } from './config.ts';
import { type Console, openConsole } from './console.ts';

/** Pages, routes and start-up are separate bundles of one process: what they share hangs on the process itself. */
const shared = globalThis as typeof globalThis & { waybillConsole?: Promise<Console> };

/** The console of this process, opened at first use. */
export function runningConsole(): Promise<Console> {
  shared.waybillConsole ??= openConsole(readConfig());
  return shared.waybillConsole;
}
