import { createInterface } from 'node:readline/promises';
import { WaybillError } from '../../lib/domain/errors.ts';
import { consoleClient } from '../console/client.ts';
import type { ConsoleOptions } from '../console/sign-in.ts';
import type { Context, Finished } from '../host/context.ts';
import { refuseExisting, writePrivate } from '../host/private-file.ts';
import { readGiven } from '../host/read-input-file.ts';

export interface FileOptions extends ConsoleOptions {
  output?: string;
  force?: boolean;
}

/** Downloads the manifest into a file for its owner alone. */
export async function downloadManifest(
  jobId: string,
  options: FileOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const response = await client.call('getManifest', { params: { jobId } });
  const path = options.output ?? `${jobId}.manifest`;
  const content = new Uint8Array(await response.arrayBuffer());
  await writePrivate(path, content, { replace: options.force ?? false });
  output.result({ facts: { jobId, manifest: path }, lines: [`manifest: ${path}`] });
  return 0;
}

/**
 * Reveals the unlock code: into a file, or on stdout after --yes or a confirmation. Asks before it calls the
 * console, as the custody log records every reveal.
 */
export async function revealUnlockCode(
  jobId: string,
  options: FileOptions & { yes?: boolean },
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const { output: path, force: replace = false } = options;
  if (path) refuseExisting(path, replace);
  else if (!options.yes) await confirm(jobId);
  const { unlockCode } = await client.call('revealUnlockCode', { params: { jobId } });
  if (path) {
    await writePrivate(path, Buffer.from(`${unlockCode}\n`), { replace });
    output.result({ facts: { jobId, unlockCodeFile: path }, lines: [`unlock code: ${path}`] });
  } else {
    output.result({ facts: { jobId, unlockCode }, lines: [unlockCode] });
  }
  return 0;
}

async function confirm(jobId: string): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new WaybillError('Usage', {
      detail:
        'the unlock code is a secret: write it to a file with --output, or show it with --yes',
    });
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(
      `Show the unlock code of ${jobId} here? The custody log will record it. [y/N] `,
    );
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    lines.close();
  }
  throw new WaybillError('Usage', { detail: 'the unlock code was not shown' });
}

const RECEIPT_BYTES_MAX = 64 * 1024;

/** Hands in the receipt of a seal. */
export async function handInReceipt(
  jobId: string,
  file: string,
  options: ConsoleOptions,
  { output }: Context,
): Promise<Finished> {
  const receipt = new Uint8Array(readGiven(file, { bytesMax: RECEIPT_BYTES_MAX }));
  const { client } = consoleClient(options);
  const job = await client.call('putSealReceipt', { params: { jobId }, body: receipt });
  output.result({ facts: { job }, lines: [`job ${job.id}: the seal is proved`] });
  return 0;
}
