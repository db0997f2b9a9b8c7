import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { getEnvironmentData, setEnvironmentData, Worker } from 'node:worker_threads';

/** What a thread has to have. */
export interface ThreadNeeds {
  /** What the small program of threads lacks. */
  everything: boolean;
  /** It makes objects by the thousand that live for a moment, as the rows of a table. */
  objects: boolean;
}

/**
 * Megabytes for short-lived garbage. A small nursery keeps memory flat, and costs a thread that moves bytes no time that
 * was measurable; one that makes tables would spend a third of its time in moving rows out of it.
 */
const NURSERY_MB = { bytes: 6, objects: 48 };

/** The program of most threads, as the bundle carries it: nothing that remote stores and processing need. */
declare const __WAYBILL_THREAD__: string | undefined;

/** Threads start threads, too, and get it from here: the name of the environment's datum. */
export const THREAD_PROGRAM = 'waybill-thread';
/** The same of a program that has everything: only tests have one. */
export const WHOLE_THREAD_PROGRAM = 'waybill-thread-whole';
if (typeof __WAYBILL_THREAD__ === 'string') setEnvironmentData(THREAD_PROGRAM, __WAYBILL_THREAD__);

/**
 * Starts a thread. In the bundle it runs the small program, which starts in a quarter of the time, unless it
 * needs everything: then the bundle's file, which is the thread's entry too. In a checkout the entry lies beside
 * this file and is TypeScript, which tsx loads.
 */
export function newWorker(workerData: unknown, needs: ThreadNeeds): Worker {
  const resourceLimits = {
    maxYoungGenerationSizeMb: needs.objects ? NURSERY_MB.objects : NURSERY_MB.bytes,
  };
  const program = getEnvironmentData(needs.everything ? WHOLE_THREAD_PROGRAM : THREAD_PROGRAM);
  if (typeof program === 'string')
    return new Worker(program, { workerData, resourceLimits, eval: true });
  const here = new URL(import.meta.url);
  if (!here.pathname.endsWith('.ts')) return new Worker(here, { workerData, resourceLimits });
  const entry = new URL('../worker-start.ts', here).href;
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
