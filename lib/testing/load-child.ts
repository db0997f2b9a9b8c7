import { readFileSync } from 'node:fs';
import { load } from '../transfer/load/load.ts';
import type { LoadOptions } from '../transfer/load/load-options.ts';

/** Runs the load that a file describes: a process that a test can kill, and that says when it copies. */
const [file = ''] = process.argv.slice(2);
const options = JSON.parse(readFileSync(file, 'utf8')) as LoadOptions & { jobKey: string | null };
const { jobKey } = options;
await load({
  ...options,
  jobKey: jobKey === null ? null : Buffer.from(jobKey, 'base64'),
  onEvent: (event) => {
    if (event.kind === 'phase') process.stdout.write(event.phase === 'copy' ? 'copying' : '');
  },
});
