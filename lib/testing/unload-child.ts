import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { UnloadOptions } from '../transfer/unload/unload.ts';

/** The program of a process that unloads what a file describes. */
export const UNLOAD_PROGRAM = fileURLToPath(new URL('unload-process.ts', import.meta.url));

/** Writes that file; returns its path. `archives`: the device becomes one archive. */
export function writeUnload(dir: string, options: UnloadOptions, archives = false): string {
  const file = join(dir, 'unload.json');
  const jobKey = options.jobKey && Buffer.from(options.jobKey).toString('base64');
  writeFileSync(file, JSON.stringify({ ...options, jobKey, archives }), { mode: 0o600 });
  return file;
}
