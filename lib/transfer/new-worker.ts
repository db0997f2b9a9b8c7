import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** Short-lived garbage is most of a thread's; a small nursery keeps memory flat and costs no time that was measurable. */
const resourceLimits = { maxYoungGenerationSizeMb: 6 };

/**
 * In the bundle this file and the thread's entry are one file. In a checkout the entry lies beside it and is
 * TypeScript, which tsx loads.
 */
export function newWorker(workerData: unknown): Worker {
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
