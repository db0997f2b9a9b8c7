import type { CallResult } from '../../lib/api/client.ts';
import { counted } from '../../lib/domain/counted.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import { consoleClient } from '../console/client.ts';
import type { ConsoleOptions } from '../console/sign-in.ts';
import type { Context, Finished } from '../host/context.ts';
import { plain } from '../output/table.ts';

/** What people decide about a device before it is erased: its failed objects, its restore, its proof. */

export interface AcceptOptions extends ConsoleOptions {
  list?: string;
  note?: string;
}

/** Shows what did not land; with its list by name, gives it up. */
export async function acceptLosses(
  jobId: string,
  { list, note, ...options }: AcceptOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const params = { jobId };
  if (list === undefined) {
    const losses = await client.call('jobLosses', { params });
    output.result({ facts: { jobId, ...losses }, lines: lossLines(jobId, losses) });
    return 0;
  }
  const body = { list, note: reasonOf(note) };
  const job = await client.call('acceptLosses', { params, body });
  const { graceEnds } = job.evidence;
  output.result({
    facts: { job },
    lines: [
      `accepted: ${job.evidence.failed} objects of job ${job.id} are given up; it is ${job.state}`,
      ...(graceEnds === null ? [] : [`its device is kept until ${graceEnds}`]),
    ],
  });
  return 0;
}

function lossLines(jobId: string, losses: CallResult<'jobLosses'>): string[] {
  const { objects, list, first, graceDays } = losses;
  if (objects === 0) return [`all objects of job ${jobId} are in the store`];
  return [
    `${objects} objects of job ${jobId} are not in the store; their list: ${list}`,
    ...first.map(({ key, reason, detail }) => plain(`  ${key}: ${reason} ${detail}`)),
    ...(objects > first.length ? ['  … all of them: waybill job report --output-dir DIR'] : []),
    'to try them again: waybill job retry-failed',
    `to give them up: waybill job accept-losses ${jobId} --list ${list} --note WHY`,
    `the device is then kept for ${graceDays} days more`,
  ];
}

/** Has the failed objects tried again by the station that has the device. */
export async function retryFailed(
  jobId: string,
  options: ConsoleOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const job = await client.call('retryFailed', { params: { jobId } });
  const lines = [
    `asked for: the station that has the device of job ${job.id} tries ${counted(job.evidence.failed, 'object')} again`,
  ];
  output.result({ facts: { job }, lines });
  return 0;
}

export interface DecisionOptions extends ConsoleOptions {
  note?: string;
}

/** Confirms that an export was restored, where the site did not report it. */
export async function confirmRestored(
  jobId: string,
  { note, ...options }: DecisionOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const body = { note: reasonOf(note) };
  const job = await client.call('confirmRestored', { params: { jobId }, body });
  output.result({
    facts: { job },
    lines: [`confirmed: the device of job ${job.id} may be erased once it is back`],
  });
  return 0;
}

/** Allows to erase a device that can never be verified. */
export async function allowErase(
  jobId: string,
  { note, ...options }: DecisionOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const body = { note: reasonOf(note) };
  const job = await client.call('allowErase', { params: { jobId }, body });
  output.result({
    facts: { job },
    lines: [
      `allowed: the device of job ${job.id} may be erased without verification; its certificate says so`,
    ],
  });
  return 0;
}

/** Destroys the key of a job, after --yes: nothing brings it back. */
export async function destroyKey(
  jobId: string,
  { note, yes, ...options }: DecisionOptions & { yes?: boolean },
  { output }: Context,
): Promise<Finished> {
  if (!yes)
    throw new WaybillError('Usage', {
      detail: 'no copy of the volume can be read after that: confirm it with --yes',
    });
  const { client } = consoleClient(options);
  const body = { note: reasonOf(note) };
  const job = await client.call('destroyKey', { params: { jobId }, body });
  output.result({ facts: { job }, lines: [`the key of job ${job.id} is destroyed`] });
  return 0;
}

/** The custody log keeps why. */
function reasonOf(note: string | undefined): string {
  if (note?.trim()) return note;
  throw new WaybillError('Usage', { detail: 'say why: --note TEXT goes to the custody log' });
}
