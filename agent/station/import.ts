import { createReadStream, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import type { StationCredentials } from '../../lib/api/schemas/work-schemas.ts';
import { isWaybillError, WaybillError } from '../../lib/domain/errors.ts';
import { missingFor } from '../../lib/domain/irreversible.ts';
import { OPTION_RULES } from '../../lib/domain/options.ts';
import {
  HEAD_FILE,
  type ReportFile,
  type ReportSummary,
  takesReport,
} from '../../lib/domain/report.ts';
import type { ArchiveUnit, OverwritePolicy } from '../../lib/domain/words.ts';
import { headText } from '../../lib/keys/custody/head.ts';
import { openStore } from '../../lib/stores/open.ts';
import { destinationOf } from '../../lib/stores/store-spec.ts';
import { archiveVolume } from '../../lib/transfer/archive/archive.ts';
import { PROVENANCE_FILE } from '../../lib/transfer/report/provenance.ts';
import type { EarlierReport } from '../../lib/transfer/unload/earlier-report.ts';
import { unloadRepaired } from '../../lib/transfer/unload/unload-with-repair.ts';
import { openReporter, operationHost, type Reporter, reported } from '../console/reporter.ts';
import { stateDir } from '../host/context.ts';
import { withDevice } from '../host/device.ts';
import { operate } from '../host/operation.ts';
import { AGENT_VERSION } from '../host/version.ts';
import { identityOf, requireSameDevice } from './device-identity.ts';
import { checkSignature, writeOrderLog } from './disk-order.ts';
import { handInPartial, handInReport } from './hand-in-report.ts';
import { keepWorkedOn } from './imported-device.ts';
import { markStore } from './mark-store.ts';
import {
  actFrom,
  deviceChecks,
  knownSeal,
  openWork,
  requireWritable,
  type Station,
  withLease,
} from './station.ts';
import { storeIncident } from './store-incident.ts';

export interface Imported {
  job: JobDetail;
  summary: ReportSummary;
  files: Record<ReportFile, string>;
  /** Files that were restored on the device, and why damage that was found was left. */
  repaired?: string[] | undefined;
  unrepaired?: string | undefined;
}

export interface ImportOptions {
  /** In place of what the job says. */
  overwrite?: OverwritePolicy;
  /** In place of what the job says. */
  archive?: ArchiveUnit;
  /** Just the objects that failed before, into the same report; on a host without their journal by the console's report. */
  onlyFailed?: boolean;
  /** Begin although the tamper seals noted at departure were not compared: a station by itself has nobody to look. */
  withoutSeals?: boolean;
}

/**
 * Writes the objects of a device that came back into its store and hands in the completion report; an
 * appliance's job is then completed. Run again after any interruption it goes on. Throws what `unload`
 * throws, and what the console refuses.
 */
export async function importFrom(
  station: Station,
  jobId: string,
  deviceDir: string,
  options: ImportOptions = {},
): Promise<Imported> {
  const { client, output, state, console } = station;
  const params = { jobId };
  return withLease(station, jobId, 'import', async (leased) => {
    let job = await client.call('getJob', { params });
    const { withoutSeals: withoutSealComparison } = options;
    job = await actFrom(station, job, 'at-facility', 'start-import', { withoutSealComparison });
    requireReportTaken(job);
    const dir = stateDir(jobId, state);
    const reporter = openReporter(dir, { ...console, jobId }, output);
    const { result: done, keep } = await reported(reporter, 'import', () =>
      withDevice(deviceDir, station, async () => {
        const isRetryRequested = job.retryRequested !== null && job.reported;
        const { overwrite, archive, onlyFailed = isRetryRequested } = options;
        const work = { job, deviceDir, dir, overwrite, archive, onlyFailed };
        const identity = identityOf(deviceDir);
        keepWorkedOn(dir, deviceDir);
        const emptied = await empty(leased, work, reporter).catch(async (error: unknown) => {
          await handInPartial(leased, jobId, dir);
          throw error;
        });
        // A report is of one device, and that one is erased.
        requireSameDevice(deviceDir, identity);
        await handInReport(leased, jobId, emptied.result.files);
        return emptied;
      }),
    );
    job = await client.call('getJob', { params });
    job = await completeIfProved(station, job);
    await keepHead(station, dir, keep);
    return { job, ...done };
  });
}

/** Throws InvalidJobState before anything is written where the console would not take the report of it. */
function requireReportTaken(job: JobDetail): void {
  if (takesReport(job)) return;
  const allowed =
    'once the device is at the facility, until the report is there; then: waybill job retry-failed';
  throw new WaybillError('InvalidJobState', { action: 'import', state: job.state, allowed });
}

/**
 * The signed head of the custody log lies beside the report, out of reach of whoever can write to the console. The report
 * is there already: a head that cannot be kept is no failure of the import.
 */
async function keepHead(
  { client, output }: Station,
  dir: string,
  keep: (files: Record<string, string>) => Promise<void>,
): Promise<void> {
  try {
    const response = await client.call('custodyHead');
    const path = join(dir, HEAD_FILE);
    writeFileSync(path, headText(new Uint8Array(await response.arrayBuffer())), { mode: 0o600 });
    await keep({ [HEAD_FILE]: path });
  } catch (error) {
    if (!isWaybillError(error)) throw error;
    output.note(`note: no head of the custody log beside the report: ${error.message}`);
  }
}

/** An appliance's job is completed when nothing is missing; else the device is kept, and the console says for what. */
async function completeIfProved(station: Station, job: JobDetail): Promise<JobDetail> {
  if (!OPTION_RULES[job.option].deviceShipsFirst) return job;
  if (missingFor('complete', job.evidence).length > 0) return job;
  return actFrom(station, job, 'importing', 'complete');
}

/** The report that the console has of a job; undefined when it has none that is whole. */
async function reportOf(
  { client }: Station,
  { id: jobId, reported: isReported }: JobDetail,
): Promise<EarlierReport | undefined> {
  if (!isReported) return undefined;
  const read = async function* (file: ReportFile): AsyncGenerator<string> {
    const { body } = await client.call('getReport', { params: { jobId, file } });
    if (!body) return;
    const decoder = new TextDecoder();
    for await (const chunk of body) yield decoder.decode(chunk, { stream: true });
  };
  return { success: () => read('success.csv'), failure: () => read('failure.csv') };
}

async function empty(
  station: Station,
  work: ImportOptions & { job: JobDetail; deviceDir: string; dir: string },
  reporter: Reporter,
) {
  const { job, deviceDir, dir } = work;
  const jobId = job.id;
  const { credentials, label, jobKey } = await openWork(station, jobId, deviceDir);
  const { store, sizeBytes, caCertificatePem, order } = credentials;
  const overwrite = work.overwrite ?? credentials.overwritePolicy;
  const unit = work.archive ?? credentials.archive;
  const importing = unit === 'device' ? archiveVolume : unloadRepaired;
  if (order) checkSignature(deviceDir, order);
  const { prefix } = store;
  let { spec } = store;
  const writable = async () => {
    spec = await markStore(station.client, jobId, spec);
    await requireWritable({ spec, prefix }, station.signal);
  };
  const checks = { ...deviceChecks(deviceDir, label), store: writable };
  const incident = storeIncident(station.client, job);
  const watch = {
    isHasty: station.isHasty,
    accepts: incident.accepts,
    refuses: async (error: WaybillError) => {
      await incident.refuses(error);
      await handInPartial(station, jobId, dir);
    },
  };
  const host = { ...operationHost(reporter, station, dir), store: watch };
  const result = await operate(['import'], host, checks, async (attempt) =>
    importing({
      deviceDir,
      label,
      jobKey,
      sizeBytes,
      overwrite,
      stateDir: dir,
      caPem: caCertificatePem,
      agentVersion: AGENT_VERSION,
      known: knownSeal(credentials),
      target: { kind: 'store', spec, prefix },
      destinationName: destinationOf(spec, prefix),
      earlierReport: work.onlyFailed ? await reportOf(station, job) : undefined,
      workers: station.workers,
      ...attempt,
    }),
  );
  const { provenance } = result;
  const files: Record<string, string> = { ...result.files };
  if (provenance) files[PROVENANCE_FILE] = provenance;
  const keep = (more: Record<string, string>) =>
    keepInStore(station, { ...store, spec }, { jobId, files: more });
  await keep(files);
  if (order)
    await writeOrderLog(order, { bucket: spec.bucket, files: result.files }, station.signal);
  return { result, keep };
}

/**
 * The report lies beside the data too: where the store's settings say, as a rule under waybill-reports/ of the
 * bucket. Snapshots of EBS have no place for it, and where the store does not take it the console's copy has to do.
 */
async function keepInStore(
  { signal, output }: Station,
  { spec, reports }: StationCredentials['store'],
  { jobId, files }: { jobId: string; files: Record<string, string> },
): Promise<void> {
  if (spec.kind === 'ebs') return;
  const isSame = reports.bucket === spec.bucket;
  const place = 'root' in spec && !isSame ? { ...spec, marker: reports.marker } : spec;
  const store = openStore({ ...place, bucket: reports.bucket }, signal);
  try {
    for (const [file, path] of Object.entries(files)) {
      const key = Buffer.from(`${reports.prefix}${jobId}/${file}`);
      const { size, mtimeMs } = statSync(path);
      const mtimeNs = BigInt(Math.round(mtimeMs)) * 1_000_000n;
      const writer = await store.put({ key, bytes: size, mtimeNs, mode: 0o644 });
      for await (const chunk of createReadStream(path)) await writer.write(chunk);
      await writer.commit();
    }
    const [problem] = await store.flush();
    if (problem) throw problem.error;
  } catch (error) {
    // All that was to land has; what is left of the report lies in the console.
    if (!isWaybillError(error)) throw error;
    output.note(`note: no report beside the data, only in the console: ${error.message}`);
  } finally {
    await store.close();
  }
}
