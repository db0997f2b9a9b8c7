import { readFileSync } from 'node:fs';
import { type ArchiveOptions, archiveVolume } from '../transfer/archive/archive.ts';
import { unload } from '../transfer/unload/unload.ts';
import { runIfWorker } from '../transfer/worker-entry.ts';

/** Runs the unload that a file describes, in a process that can be killed and measured; see unload-child.ts. */
async function main(): Promise<void> {
  const [file = ''] = process.argv.slice(2);
  const options = JSON.parse(readFileSync(file, 'utf8')) as ArchiveOptions & {
    jobKey: string | null;
    archives: boolean;
  };
  const { jobKey, archives } = options;
  const run = archives ? archiveVolume : unload;
  await run({ ...options, jobKey: jobKey === null ? null : Buffer.from(jobKey, 'base64') });
}

// Bundled into one file, it is what its threads start, too.
if (!runIfWorker()) await main();
