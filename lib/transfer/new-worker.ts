import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { getEnvironmentData, setEnvironmentData, Worker } from 'node:worker_threads';

/** Short-lived garbage is most of a thread's; a small nursery keeps memory flat and costs no time that was measurable. */
const resourceLimits = { maxYoungGenerationSizeMb: 6 };

/** The program of most threads, as the bundle carries it: nothing that remote stores and processing need. */
declare const __WAYBILL_THREAD__: string | undefined;

/** Threads start threads, too, and get it from here: the name of the environment's datum. */
export const THREAD_PROGRAM = 'waybill-thread';
if (typeof __WAYBILL_THREAD__ === 'string') setEnvironmentData(THREAD_PROGRAM, __WAYBILL_THREAD__);

/**
 * Starts a thread. In the bundle it runs the small program, which starts in a quarter of the time, unless it
 * needs everything: then the bundle's file, which is the thread's entry too. In a checkout the entry lies beside
 * this file and is TypeScript, which tsx loads.
 */
export function newWorker(workerData: unknown, needsEverything: boolean): Worker {
  const program = getEnvironmentData(THREAD_PROGRAM);
  if (typeof program === 'string' && !needsEverything)
    return new Worker(program, { workerData, resourceLimits, eval: true });
  const here = new URL(import.meta.url);
  if (!here.pathname.endsWith('.ts')) return new Worker(here, { workerData, resourceLimits });
  const entry = new URL('./worker-start.ts', here).href;
  const tsx = new URL(
    'dist/esm/api/index.mjs',
    pathToFileURL(createRequire(here).resolve('tsx/package.json')),
  ).href;
  const start = `import(${JSON.stringify(tsx)}).then((tsx) => {
    tsx.register();
    return import(${JSON.stringify(entry)});
  });`;
  return new Worker(start, { workerData, resourceLimits, eval: true, execArgv: [] });
}
