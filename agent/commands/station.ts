import { createClient } from '../../lib/api/client.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import { missingAtHand, missingFor } from '../../lib/domain/irreversible.ts';
import { proofWords } from '../../lib/domain/proofs.ts';
import { formatBytes } from '../../lib/domain/sizes.ts';
import { type ConsoleOptions, signedIn } from '../console/sign-in.ts';
import type { Context, Finished } from '../host/context.ts';
import { sealWords } from '../output/job-lines.ts';
import { amount } from '../output/output.ts';
import { plain } from '../output/table.ts';
import { erase } from '../station/erase.ts';
import type { MediumOptions } from '../station/erase-medium.ts';
import { type ExportOptions, exportTo } from '../station/export.ts';
import { type Imported, type ImportOptions, importFrom } from '../station/import.ts';
import { prepare } from '../station/prepare.ts';
import { receive } from '../station/receive.ts';
import { type Station, sightOf } from '../station/station.ts';
import { watch } from '../station/watch.ts';

/** Options of every station command. */
export interface StationOptions extends ConsoleOptions {
  state?: string;
  workers?: number;
  simulated?: boolean;
  takeOverLock?: boolean;
}
type DeviceOptions = StationOptions & { device: string };

function stationOf(options: StationOptions, { output, signal }: Context): Station {
  const console = signedIn(options);
  const client = createClient({ baseUrl: console.url, token: console.token });
  const { state, workers, simulated, takeOverLock } = options;
  return {
    client,
    console,
    output,
    signal,
    state,
    workers,
    simulated,
    takeOverLock,
    takeOverLease: takeOverLock,
  };
}

/** The job of a device: what was said, else what its label says. Throws Usage, and what reading the label throws. */
function jobIdOf(device: string, given: string | undefined): string {
  const { label } = sightOf(device);
  const jobId = given ?? label?.jobId;
  if (jobId) return jobId;
  throw new WaybillError('Usage', {
    detail: `${device} carries no label; say which job with --job ID`,
  });
}

export async function stationPrepare(
  jobId: string,
  options: DeviceOptions & { deviceId?: string; capacity?: number },
  context: Context,
): Promise<Finished> {
  const job = await prepare(stationOf(options, context), jobId, options.device, options);
  context.output.result({
    facts: { jobId, state: job.state, deviceId: job.deviceId, measure: job.device?.measure },
    lines: [`device ${job.deviceId} carries the label of job ${jobId}; the job is ${job.state}`],
  });
  return 0;
}

export async function stationExport(
  jobId: string,
  options: DeviceOptions & ExportOptions,
  context: Context,
): Promise<Finished> {
  const done = await exportTo(stationOf(options, context), jobId, options.device, options);
  const { job, objects, bytes, failed, sealDigest, proofs } = done;
  context.output.result({
    facts: { jobId, state: job.state, objects, bytes, failed, sealDigest, proofs },
    lines: [
      `exported and sealed ${amount(objects, bytes)} (${failed} failed); the job is ${job.state}`,
      `bytes proved: ${proofWords(proofs) || 'no object'}`,
    ],
  });
  return failed > 0 ? 1 : 0;
}

export async function stationReceive(
  options: DeviceOptions & { job?: string; seal?: string[] },
  context: Context,
): Promise<Finished> {
  const jobId = jobIdOf(options.device, options.job);
  const { seal: sealNumbers } = options;
  const job = await receive(stationOf(options, context), jobId, options.device, { sealNumbers });
  context.output.result({
    facts: { jobId, state: job.state, deviceId: job.deviceId },
    lines: [
      `device ${job.deviceId} of job ${jobId} received; the job is ${job.state}`,
      sealWords(job),
    ],
  });
  return 0;
}

export async function stationImport(
  options: DeviceOptions & ImportOptions & { job?: string; erase: boolean },
  context: Context,
): Promise<Finished> {
  const station = stationOf(options, context);
  const jobId = jobIdOf(options.device, options.job);
  const done = await importFrom(station, jobId, options.device, options);
  const isProved = missingFor('begin-erasing', done.job.evidence).length === 0;
  const mayErase = options.erase && done.job.state === 'completed' && isProved;
  const erased = mayErase ? await erase(station, jobId, options.device) : undefined;
  context.output.result(importResult(done, erased !== undefined));
  return done.summary.failed > 0 ? 1 : 0;
}

/** What is said of an import. */
export function importResult(
  { job, summary, files, repaired = [], unrepaired }: Imported,
  erased: boolean,
) {
  const { objects, bytes, failed, destination, archive } = summary;
  return {
    facts: { state: job.state, erased, files, repaired, unrepaired, ...summary },
    lines: [
      ...repaired.map((path) => `restored on the device: ${path}`),
      ...(unrepaired ? [`the device was left as it is: ${unrepaired}`] : []),
      `imported ${amount(objects, bytes)} into ${destination} (${failed} failed)`,
      ...(archive
        ? [`as one archive: ${archive.key}, ${archive.bytes} bytes, SHA-256 ${archive.sha256}`]
        : []),
      `report: ${files['summary.json']}`,
      `the job is ${job.state}${erased ? '; the device is erased' : ''}`,
      ...(erased ? [] : keptFor(job)),
    ],
  };
}

/** Why the device is kept, and what to do about it. */
const keptFor = ({ evidence }: Imported['job']): string[] =>
  missingAtHand(evidence).flatMap(({ missing, fix }) => [
    plain(`the device is kept: ${missing}`),
    `  ${plain(fix)}`,
  ]);

export async function stationErase(
  options: DeviceOptions & MediumOptions & { job?: string },
  context: Context,
): Promise<Finished> {
  const jobId = jobIdOf(options.device, options.job);
  const { job, erased } = await erase(stationOf(options, context), jobId, options.device, options);
  context.output.result({
    facts: { jobId, state: job.state, ...erased },
    lines: [
      `erased ${erased.files} files, ${formatBytes(erased.bytes)}; the job is ${job.state}`,
      erased.method,
      `certificate: waybill device certificate ${jobId}`,
    ],
  });
  return 0;
}

export async function stationWatch(
  dock: string,
  options: StationOptions & { once?: boolean; devices?: number },
  context: Context,
): Promise<Finished> {
  // Two watching stations must not take the same work from each other; a lease that is not renewed ends by itself.
  const station = { ...stationOf(options, context), takeOverLease: false };
  context.output.note(`watching ${dock}`);
  const { once = false, devices } = options;
  await watch(station, dock, { once, devices });
  context.output.result({ facts: { dock }, lines: ['nothing more to do'] });
  return 0;
}
