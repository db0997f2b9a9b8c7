import type { Client } from '../../lib/api/client.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import type { Leg } from '../../lib/domain/words.ts';
import { consoleClient } from '../console/client.ts';
import type { ConsoleOptions } from '../console/sign-in.ts';
import type { Context, Finished } from '../host/context.ts';
import { refuseExisting, writePrivate } from '../host/private-file.ts';
import { sealWords } from '../output/job-lines.ts';
import type { Output } from '../output/output.ts';
import { pairs, plain } from '../output/table.ts';
import type { FileOptions } from './job-credentials.ts';

/** Notes where the device was seen on its way. */
export async function noteScan(
  jobId: string,
  place: string,
  options: ConsoleOptions & { note?: string },
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const { note = '' } = options;
  await client.call('addScan', { params: { jobId }, body: { place, note } });
  output.result({ facts: { jobId, place, note }, lines: [`noted: seen at ${plain(place)}`] });
  return 0;
}

/** Compares the tamper seals of a device that has arrived already. */
export async function enterSeals(
  jobId: string,
  { seal = [], ...options }: ConsoleOptions & { seal?: string[] },
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const job = await client.call('enterSeals', { params: { jobId }, body: { sealNumbers: seal } });
  output.result({ facts: { job }, lines: [`job ${job.id}: ${sealWords(job)}`] });
  return 0;
}

export interface LabelOptions extends FileOptions {
  leg: Leg;
  packingSlip?: boolean;
}

/** Writes a leg's label or packing slip as PDF; without a file it says what the return label holds. */
export async function jobLabel(
  jobId: string,
  options: LabelOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const { output: path, force: replace = false, leg, packingSlip = false } = options;
  if (path === undefined) {
    if (packingSlip || leg !== 'to-facility')
      throw new WaybillError('Usage', { detail: 'give the file of the PDF with --output' });
    return showLabel(client, jobId, output);
  }
  refuseExisting(path, replace);
  const route = packingSlip ? 'getPackingSlip' : 'getLabel';
  const response = await client.call(route, { params: { jobId }, query: { leg } });
  await writePrivate(path, new Uint8Array(await response.arrayBuffer()), { replace });
  const what = packingSlip ? 'packing slip' : 'label';
  output.result({ facts: { jobId, leg, file: path }, lines: [`${what}: ${path}`] });
  return 0;
}

async function showLabel(client: Client, jobId: string, output: Output): Promise<Finished> {
  const label = await client.call('returnLabel', { params: { jobId } });
  const { deviceId, from, to, sealDigest, code } = label;
  output.result({
    facts: { label },
    lines: pairs([
      ['job', jobId],
      ['device', deviceId],
      ['from', from],
      ['to', to],
      ['seal', sealDigest ?? 'none'],
      ['code', code],
    ]),
  });
  return 0;
}
