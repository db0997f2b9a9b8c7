import type { Client } from '../../lib/api/client.ts';
import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import type { StationCredentials } from '../../lib/api/schemas/work-schemas.ts';
import { isWaybillError, WaybillError } from '../../lib/domain/errors.ts';
import type { Action } from '../../lib/domain/lifecycle.ts';
import type { StationWork } from '../../lib/domain/words.ts';
import { checkDeviceDir } from '../../lib/files/device.ts';
import { openStore } from '../../lib/stores/open.ts';
import type { StoreSpec } from '../../lib/stores/store-spec.ts';
import type { KnownSeal } from '../../lib/transfer/verify/known-seal.ts';
import { isBlank } from '../../lib/volume/blank.ts';
import { type Label, labelOf, readLabel } from '../../lib/volume/label.ts';
import type { OperationHost } from '../host/operation.ts';
import type { Output } from '../output/output.ts';
import type { DeviceSight } from './decision.ts';
import { reportLie } from './report-lie.ts';

/** A facility's host at work: the console it works for, and what it works with. */
export interface Station {
  client: Client;
  /** For reporting in the background. */
  console: { url: string; token: string };
  output: Output;
  signal: AbortSignal;
  /** Where this host keeps the state of jobs. */
  state?: string | undefined;
  workers?: number | undefined;
  /** Take over locks of devices whose holder cannot be asked. */
  takeOverLock?: boolean | undefined;
  /** Plain folders stand in for devices, for trials. */
  simulated?: boolean | undefined;
  /** Take over the leases of other stations. */
  takeOverLease?: boolean | undefined;
  /** Waits before something is tried again; a station that works on several devices lets another go on meanwhile. */
  wait?: OperationHost['wait'];
  /** Does what can be done now; a store that refuses is not waited for. */
  isHasty?: boolean | undefined;
}

/** What is on a device, and its label if it has one. Throws DeviceNotFound. */
export function sightOf(deviceDir: string): { sight: DeviceSight; label?: Label } {
  try {
    return { sight: 'labelled', label: readLabel(deviceDir) };
  } catch (error) {
    if (isWaybillError(error, 'LabelInvalid', 'VolumeVersion', 'DeviceHostile'))
      return { sight: 'invalid' };
    if (!isWaybillError(error, 'DeviceNotPrepared')) throw error;
  }
  return { sight: isBlank(deviceDir) ? 'blank' : 'foreign' };
}

/** Does an action, unless the job is already past it. */
export async function actFrom(
  { client }: Station,
  job: JobDetail,
  from: JobDetail['state'],
  action: Action,
  how: { withoutSealComparison?: boolean | undefined } = {},
): Promise<JobDetail> {
  if (job.state !== from) return job;
  return client.call('actOnJob', { params: { jobId: job.id }, body: { action, ...how } });
}

/** The job's credentials for this station, after comparing the device's label with them. Throws as `matchLabel`. */
export async function openWork(
  { client }: Station,
  jobId: string,
  deviceDir: string,
): Promise<{ credentials: StationCredentials; label: Label; jobKey: Buffer | null }> {
  const credentials = await client.call('stationCredentials', { params: { jobId } });
  const label = matchLabel(credentials, deviceDir);
  return { credentials, label, jobKey: keyOf(credentials) };
}

/** The label of a device, which has to be the one of the job. Throws WrongJobDevice, WrongDevice, VolumeInvalid. */
export function matchLabel(credentials: StationCredentials, deviceDir: string): Label {
  const { jobId, deviceId, volumeId, volumeKind, option } = credentials;
  const known = { jobId, deviceId, volumeId, kind: volumeKind, option };
  const label = labelOf(deviceDir, known, new Date().toISOString());
  if (label.jobId !== jobId) {
    throw new WaybillError('WrongJobDevice', { found: label.jobId, expected: jobId });
  }
  if (label.deviceId !== deviceId) {
    throw new WaybillError('WrongDevice', { found: label.deviceId, expected: deviceId });
  }
  if (label.volumeId !== volumeId || label.kind !== volumeKind) {
    throw new WaybillError('VolumeInvalid', { detail: 'the label names another volume' });
  }
  return label;
}

export const keyOf = ({ jobKey }: StationCredentials): Buffer | null =>
  jobKey === null ? null : Buffer.from(jobKey, 'base64');

/** The seal that a device which came back has to carry. Throws SealUnknown. */
export function knownSeal({ jobId, seal }: StationCredentials): KnownSeal {
  // An import without a known receipt may be an old state of its device.
  if (!seal) throw new WaybillError('SealUnknown', { jobId });
  return seal;
}

/** What operations need of a device: that it is there, and is the one they began with. */
export const deviceChecks = (deviceDir: string, label: Label) => ({
  device: () => checkDeviceDir(deviceDir),
  label: () => {
    const found = labelOf(deviceDir, label, label.createdAt);
    if (found.volumeId !== label.volumeId)
      throw new WaybillError('WrongJobDevice', { found: found.jobId, expected: label.jobId });
  },
});

/** Throws what stands in the way of reading from a store. */
export async function requireReadable(
  { spec, prefix }: { spec: StoreSpec; prefix: string },
  signal: AbortSignal,
): Promise<void> {
  const store = openStore(spec, signal);
  try {
    for await (const _ of store.list({ prefix })) break;
  } finally {
    await store.close();
  }
}

/** Throws what stands in the way of writing to a store, below the prefix of the job too. */
export async function requireWritable(
  { spec, prefix }: { spec: StoreSpec; prefix: string },
  signal: AbortSignal,
): Promise<void> {
  const store = openStore(spec, signal);
  try {
    await store.check();
    await store.probe(Buffer.from(prefix), 1);
  } finally {
    await store.close();
  }
}

const RENEW_MS = 15_000;

/**
 * Works on a job as the only station: claims it, says every now and then that it is alive, and stops when
 * another has taken over. Throws AlreadyClaimed, LeaseLost.
 */
export async function withLease<T>(
  station: Station,
  jobId: string,
  work: StationWork,
  run: (station: Station) => Promise<T>,
  { sealDigest }: { sealDigest?: string | undefined } = {},
): Promise<T> {
  const { client, signal, takeOverLease: takeOver } = station;
  const body = { work, takeOver, sealDigest };
  const lease = await client.call('claimWork', { params: { jobId }, body });
  const params = { jobId, leaseId: lease.id };
  const lost = new AbortController();
  const renew = async () => {
    try {
      await client.call('renewLease', { params });
    } catch (error) {
      // A console that does not answer for a while takes nothing away.
      if (isWaybillError(error, 'LeaseLost')) lost.abort(error);
    }
  };
  const timer = setInterval(() => void renew(), RENEW_MS);
  try {
    return await run({ ...station, signal: AbortSignal.any([signal, lost.signal]) });
  } catch (error) {
    if (lost.signal.aborted) throw lost.signal.reason;
    // A device that is refused for a new job says nothing of the one that the job has.
    if (work !== 'prepare') await reportLie(client, jobId, error);
    throw error;
  } finally {
    clearInterval(timer);
    await client.call('releaseLease', { params }).catch(() => undefined);
  }
}
