import { join } from 'node:path';
import { z } from 'zod';
import type { Client } from '../../lib/api/client.ts';
import { type EventRow, eventRow } from '../../lib/api/schemas/work-schemas.ts';
import { isWaybillError, WaybillError } from '../../lib/domain/errors.ts';
import { proofWords } from '../../lib/domain/proofs.ts';
import { HEAD_FILE, REPORT_FILES } from '../../lib/domain/report.ts';
import { formatBytes } from '../../lib/domain/sizes.ts';
import { consoleClient } from '../console/client.ts';
import { serverSentEvents } from '../console/server-sent-events.ts';
import type { ConsoleOptions } from '../console/sign-in.ts';
import type { Context, Finished } from '../host/context.ts';
import { refuseExisting, writePrivate } from '../host/private-file.ts';
import { Interrupted, pause } from '../host/signals.ts';
import { custodyItem } from '../output/custody-lines.ts';
import type { Output } from '../output/output.ts';
import { pairs, plain } from '../output/table.ts';

const PAGE = 500;
const RETRY_MS = 2000;

/** Shows what happened to a job, oldest first; with --follow also what comes, until it is interrupted. */
export async function jobEvents(
  jobId: string,
  options: ConsoleOptions & { follow?: boolean },
  { output, signal }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  await client.call('getJob', { params: { jobId } });
  let after = 0;
  let events = 0;
  for (;;) {
    const params = { jobId };
    const page = await client.call('listJobEvents', { params, query: { after, limit: PAGE } });
    for (const event of page.events) say(event, output);
    after = page.events.at(-1)?.id ?? after;
    events += page.events.length;
    if (page.events.length < PAGE) break;
  }
  if (options.follow) await follow(client, { jobId, after }, { output, signal });
  output.result({ facts: { jobId, events }, lines: [`${events} events`] });
  return 0;
}

/** Follows the live events and connects again after the last one that was seen. Throws Interrupted. */
async function follow(
  client: Client,
  { jobId, after }: { jobId: string; after: number },
  { output, signal }: Context,
): Promise<never> {
  let last = after;
  let isLost = false;
  while (!signal.aborted) {
    try {
      const response = await client.call('events', { query: { jobId, after: last }, signal });
      isLost = false;
      for await (const { data } of serverSentEvents(response)) {
        const event = eventRow.safeParse(parsed(data));
        if (!event.success || event.data.id <= last) continue;
        last = event.data.id;
        say(event.data, output);
      }
    } catch (error) {
      // A token that is no longer good or a job that is gone will not come back; a connection will.
      if (isWaybillError(error) && error.code !== 'ConsoleUnreachable') throw error;
      if (!signal.aborted && !isLost) output.note('the console does not answer; trying again');
      isLost = true;
    }
    await pause(RETRY_MS, signal);
  }
  throw new Interrupted();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function say(event: EventRow, output: Output): void {
  const line = `${event.at}  ${event.kind.padEnd(11)}  ${JSON.stringify(event.detail)}`;
  output.item({ facts: { event }, lines: [plain(line)] });
}

/** Shows the custody log of a job, oldest first. */
export async function jobCustody(
  jobId: string,
  options: ConsoleOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const { entries } = await client.call('jobCustody', { params: { jobId } });
  for (const entry of entries) output.item(custodyItem(entry));
  output.result({
    facts: { jobId, entries: entries.length },
    lines: [`${entries.length} entries`],
  });
  return 0;
}

/** Shows the completion report, or downloads its three files. */
export async function jobReport(
  jobId: string,
  options: ConsoleOptions & { outputDir?: string; force?: boolean },
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const { report } = await client.call('getJob', { params: { jobId } });
  if (!report) throw new WaybillError('NotFound', { what: 'completion report of', id: jobId });
  if (options.outputDir !== undefined) {
    const files = await downloadReport(client, jobId, options.outputDir, options.force ?? false);
    output.result({ facts: { jobId, files }, lines: files });
    return 0;
  }
  const { objects, bytes, alreadyPresent, skipped, failed } = report;
  output.result({
    facts: { report },
    lines: pairs([
      ['job', report.jobId],
      ['outcome', report.outcome],
      ['objects', `${objects}, ${formatBytes(bytes)}`],
      ['already present', String(alreadyPresent)],
      ['skipped', String(skipped)],
      ['failed', String(failed)],
      ['bytes proved', report.proofs && proofWords(report.proofs)],
      ['destination', report.destination],
      ['device', report.deviceId],
      ['archive', report.archive && `${report.archive.key}, ${report.archive.bytes} bytes`],
      ['SHA-256', report.archive?.sha256],
      ['seal', report.sealDigest],
      ['time', `${report.startedAt} to ${report.finishedAt}`],
    ]),
  });
  return 0;
}

const chunk = z.instanceof(Uint8Array);

async function downloadReport(client: Client, jobId: string, dir: string, replace: boolean) {
  const paths = [...REPORT_FILES, HEAD_FILE].map((file) => ({ file, path: join(dir, file) }));
  for (const { path } of paths) refuseExisting(path, replace);
  for (const { file, path } of paths) {
    const response = await client.call('getReport', { params: { jobId, file } });
    await writePrivate(path, bytesOf(response), { replace, makeFolder: true });
  }
  return paths.map(({ path }) => path);
}

async function* bytesOf(response: Response): AsyncGenerator<Uint8Array> {
  for await (const part of response.body ?? []) yield chunk.parse(part);
}
