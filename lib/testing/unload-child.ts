import { readFileSync } from 'node:fs';
import { type UnloadOptions, unload } from '../transfer/unload.ts';

/** Runs the unload that a file describes: a process that a test can kill. */
const [file = ''] = process.argv.slice(2);
const options = JSON.parse(readFileSync(file, 'utf8')) as UnloadOptions & { jobKey: string | null };
const { jobKey } = options;
await unload({ ...options, jobKey: jobKey === null ? null : Buffer.from(jobKey, 'base64') });
