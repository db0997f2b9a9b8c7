import { consoleClient } from '../console-client.ts';
import type { Context, Finished } from '../context.ts';
import { pairs, plain } from '../output/table.ts';
import type { ConsoleOptions } from '../sign-in.ts';

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

/** Shows the return label, which is released once the volume is sealed. */
export async function showLabel(
  jobId: string,
  options: ConsoleOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
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
