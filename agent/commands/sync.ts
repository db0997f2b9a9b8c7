import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '../../lib/domain/errors.ts';
import { type Outbox, openOutbox } from '../console/outbox.ts';
import { sendWaiting } from '../console/outbox-sender.ts';
import { consoleOfManifest, type Message, sendTo } from '../console/reporter.ts';
import { type ConsoleOptions, signedIn } from '../console/sign-in.ts';
import { type Context, type Finished, stateBase, stateDir } from '../host/context.ts';
import { openCredentials } from '../host/credentials.ts';

/** Jobs that this host has state of. */
export function jobsOfHost(state: string | undefined): string[] {
  try {
    return readdirSync(join(stateBase(state), 'jobs'));
  } catch {
    // No job has been here.
    return [];
  }
}

/** Jobs of this host that have something to tell, and their outboxes. */
export function waitingJobs(
  state: string | undefined,
): { jobId: string; outbox: Outbox<Message> }[] {
  return jobsOfHost(state)
    .map((jobId) => ({ jobId, outbox: openOutbox<Message>(stateDir(jobId, state)) }))
    .filter(({ outbox }) => outbox.count() > 0);
}

/** Sends what waits: of one job with its manifest, of all with the token of this host's login. */
export async function sync(
  options: ConsoleOptions & { manifest?: string; unlockCodeFile?: string; state?: string },
  { output, signal }: Context,
): Promise<Finished> {
  const total = { sent: 0, refused: 0 };
  for (const { jobId, console, outbox } of await targets(options)) {
    const { sent, refused } = await sendWaiting(outbox, sendTo(console), signal);
    total.sent += sent;
    total.refused += refused.length;
    for (const { message } of refused) output.note(`${jobId}: not taken: ${message}`);
  }
  output.result({
    facts: total,
    lines: [`sent ${total.sent}${total.refused > 0 ? `, ${total.refused} not taken` : ''}`],
  });
  return 0;
}

async function targets(options: Parameters<typeof sync>[0]) {
  const waiting = waitingJobs(options.state);
  if (!(options.manifest ?? process.env.WAYBILL_MANIFEST)) {
    if (waiting.length === 0) return [];
    const { url, token } = signedIn(options);
    return waiting.map((job) => ({ ...job, console: { url, token, jobId: job.jobId } }));
  }
  const credentials = await openCredentials(options);
  const console = consoleOfManifest(credentials);
  if (!console) throw new WaybillError('Usage', { detail: 'the manifest names no console' });
  return waiting.filter(({ jobId }) => jobId === console.jobId).map((job) => ({ ...job, console }));
}
