import { basename, resolve } from 'node:path';
import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import { KEY_RULES } from '../../lib/domain/object-keys.ts';
import { OPTION_RULES } from '../../lib/domain/options.ts';
import type { ProofCounts } from '../../lib/domain/proofs.ts';
import { load } from '../../lib/transfer/load/load.ts';
import type { LoadOptions } from '../../lib/transfer/load/load-options.ts';
import { writeExportReport } from '../../lib/transfer/report/export-report.ts';
import { isSealed } from '../../lib/volume/label.ts';
import { KEY_BYTES_MAX } from '../../lib/volume/layout.ts';
import { openReporter, operationHost, type Reporter, reported } from '../console/reporter.ts';
import { stateDir } from '../host/context.ts';
import { requireUnsealed, withDevice } from '../host/device.ts';
import { operate } from '../host/operation.ts';
import { AGENT_VERSION } from '../host/version.ts';
import { sealAndReceipt } from '../work/seal-volume.ts';
import { verifyBeforeSeal } from '../work/verify-volume.ts';
import { checkStore } from './check-store.ts';
import { identityOf, requireSameDevice } from './device-identity.ts';
import { writeOrderLog } from './disk-order.ts';
import { handInReport } from './hand-in-report.ts';
import { findDevice, fittingDevice, labelDevice } from './prepare.ts';
import {
  actFrom,
  deviceChecks,
  openWork,
  requireReadable,
  type Station,
  withLease,
} from './station.ts';
import { storeIncident } from './store-incident.ts';

/** What an export put on the device. Counts objects, sizes bytes. */
export interface Exported {
  job: JobDetail;
  objects: number;
  bytes: number;
  failed: number;
  sealDigest: string;
  /** Objects by how it is known that their bytes are the store's. */
  proofs: ProofCounts;
}

export interface ExportOptions {
  /** Read objects twice of which the store says nothing that can be compared; else as the store's settings say. */
  readTwice?: boolean | undefined;
}

/**
 * Fills the device of an export from its store, verifies and seals it. Run again after any interruption it
 * goes on. Throws what `load` and `sealVolume` throw, StoreEmptyRange, and what the console refuses.
 */
export async function exportTo(
  station: Station,
  jobId: string,
  deviceDir: string,
  { readTwice }: ExportOptions = {},
): Promise<Exported> {
  const params = { jobId };
  const { client, output, state, console } = station;
  return withLease(station, jobId, 'export', async (leased) => {
    let job = await client.call('getJob', { params });
    const isDisk = !OPTION_RULES[job.option].deviceShipsFirst;
    if (isDisk && !job.devicePrepared) {
      const { deviceId } = job;
      const measure =
        deviceId === null ? undefined : fittingDevice(leased, { deviceDir, deviceId, job });
      await requireNoOther(leased, job, deviceDir);
      if (deviceId !== null)
        await client.call('putDevice', { params, body: { deviceId, measure } });
      job = await checkStore(leased, job, measure);
      await labelDevice(station, deviceDir, job);
      job = await client.call('devicePrepared', { params });
    }
    job = await actFrom(station, job, isDisk ? 'at-facility' : 'preparing', 'start-export');
    const dir = stateDir(jobId, state);
    const reporter = openReporter(dir, { ...console, jobId }, output);
    const sealed = await reported(reporter, 'export', () =>
      withDevice(deviceDir, station, async () => {
        const identity = identityOf(deviceDir);
        const filled = await fill(leased, { job, deviceDir, dir, readTwice }, reporter);
        requireSameDevice(deviceDir, identity);
        return filled;
      }),
    );
    job = await client.call('putSealReceipt', { params, body: new Uint8Array(sealed.der) });
    if (job.state === 'exporting') await handInReport(leased, jobId, sealed.files);
    if (!isDisk) job = await actFrom(station, job, 'exporting', 'mark-ready');
    const { objects, bytes, failed, sealDigest, proofs } = sealed;
    return { job, objects, bytes, failed, sealDigest, proofs };
  });
}

/**
 * A customer's disk may be mounted anywhere: the console made its id. A directory with the name of another device that the
 * console knows is that one, as for a watching station. Throws WrongDevice.
 */
async function requireNoOther(
  { client }: Station,
  { deviceId }: JobDetail,
  deviceDir: string,
): Promise<void> {
  const found = basename(resolve(deviceDir));
  if (deviceId === null || found === deviceId || !(await findDevice(client, found))) return;
  throw new WaybillError('WrongDevice', { found, expected: deviceId });
}

async function fill(
  station: Station,
  work: ExportOptions & { job: JobDetail; deviceDir: string; dir: string },
  reporter: Reporter,
) {
  const { deviceDir, dir } = work;
  const jobId = work.job.id;
  const { signal, workers, output } = station;
  const { credentials, label, jobKey } = await openWork(station, jobId, deviceDir);
  const { store, sizeBytes, signer, caCertificatePem, order } = credentials;
  const volume = { deviceDir, label, jobKey };
  const { spec, prefix, begin, end, without, readTwice } = store;
  const sealing = { ...volume, signer, caPem: caCertificatePem };
  const reportFacts = async () => {
    const { files, summary } = await writeExportReport({
      ...sealing,
      stateDir: dir,
      agentVersion: AGENT_VERSION,
      expected: work.job.rangeSum,
    });
    if (order) await writeOrderLog(order, { bucket: spec.bucket, files }, signal);
    return { files, proofs: summary.proofs ?? {} };
  };
  // A run that was killed after the seal only has its receipt and its report left to send.
  if (isSealed(deviceDir))
    return { ...(await sealAndReceipt(sealing, { output, signal })), ...(await reportFacts()) };
  const options: LoadOptions = {
    ...volume,
    sizeBytes,
    stateDir: dir,
    agentVersion: AGENT_VERSION,
    source: {
      kind: 'store',
      spec,
      prefix,
      begin,
      end,
      without,
      readTwice: work.readTwice ?? readTwice,
    },
    keyRules: { ...KEY_RULES[spec.kind], keyBytesMax: KEY_BYTES_MAX, form: 'bytes' },
    workers,
    signal,
    onEvent: reporter.onEvent,
  };
  const watch = storeIncident(station.client, work.job);
  const host = { ...operationHost(reporter, station, dir), store: watch };
  const readable = () => requireReadable(store, signal);
  const verifying = deviceChecks(deviceDir, label);
  const unsealed = () => requireUnsealed(deviceDir);
  // An export has no processing steps.
  const consent = () => undefined;
  const filling = { ...verifying, unsealed, store: readable, source: readable, consent };
  const { objects, bytes, failed } = await operate(['scan', 'export'], host, filling, (attempt) => {
    reporter.phase('copying');
    return load({ ...options, ...attempt });
  });
  if (objects + failed === 0) throw new WaybillError('StoreEmptyRange', { prefix: prefix || '/' });
  reporter.phase('verifying');
  await operate(['verify'], host, verifying, (attempt) =>
    verifyBeforeSeal({ ...options, ...attempt }, { output, signal }),
  );
  const { sealDigest, der } = await operate(['seal'], host, verifying, (attempt) =>
    sealAndReceipt({ ...sealing, ...attempt }, { output, signal }),
  );
  return { objects, bytes, failed, sealDigest, der, ...(await reportFacts()) };
}
