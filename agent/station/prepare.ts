import { basename, resolve } from 'node:path';
import type { Client } from '../../lib/api/client.ts';
import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import { type DeviceMeasure, isLargeEnough, measureWords } from '../../lib/domain/devices.ts';
import { isWaybillError, WaybillError } from '../../lib/domain/errors.ts';
import { OPTION_RULES } from '../../lib/domain/options.ts';
import { formatBytes } from '../../lib/domain/sizes.ts';
import { type Label, writeLabel } from '../../lib/volume/label.ts';
import { newVolumeFormat } from '../../lib/volume/layout.ts';
import { requireBlank, withDevice } from '../host/device.ts';
import { measureDevice } from '../host/measure-device.ts';
import { checkStore } from './check-store.ts';
import { actFrom, type Station, sightOf, withLease } from './station.ts';

/** What a person may say about the device. */
export interface PrepareOptions {
  /** Default: as a label of the job says, else the name of the directory. */
  deviceId?: string | undefined;
  /** Bytes, for a device that the console does not know yet; default: the job's size. */
  capacity?: number;
}

/**
 * Measures a device, gives it to a job and writes the label on it; an import is then ready to ship. Throws
 * DeviceNotMounted, DeviceTooSmall, DeviceNotEmpty, WrongJobDevice, WrongDevice, what `checkStore` throws, and what
 * the console refuses.
 */
export async function prepare(
  station: Station,
  jobId: string,
  deviceDir: string,
  options: PrepareOptions = {},
): Promise<JobDetail> {
  const { client } = station;
  const params = { jobId };
  return withLease(station, jobId, 'prepare', async () => {
    let job = await client.call('getJob', { params });
    if (!OPTION_RULES[job.option].deviceShipsFirst) {
      throw new WaybillError('OptionRule', {
        option: job.option,
        rule: 'the customer sends the disk; nothing is prepared',
        fix: 'copy to it at the site; an export is labelled by waybill station export',
      });
    }
    const deviceId = requireDeviceOf(job, deviceDir, options.deviceId);
    const measure = fittingDevice(station, { deviceDir, deviceId, job });
    job = await actFrom(station, job, 'created', 'prepare');
    await knownDevice(
      station,
      deviceId,
      measure.simulated ? (options.capacity ?? job.sizeBytes) : measure.sizeBytes,
    );
    job = await client.call('putDevice', { params, body: { deviceId, measure } });
    job = await checkStore(station, job, measure);
    await labelDevice(station, deviceDir, job);
    job = await client.call('devicePrepared', { params });
    return job.type === 'import' ? actFrom(station, job, 'preparing', 'mark-ready') : job;
  });
}

/**
 * The id of a device that gets the label of a job: what a person says, else what a label of the job says, else the name
 * of its directory. What the job has reserved says nothing of what is connected. Throws WrongJobDevice, and WrongDevice
 * where the job has another device.
 */
function requireDeviceOf(job: JobDetail, deviceDir: string, given: string | undefined): string {
  const { label } = sightOf(deviceDir);
  requireLabelOf(job, label);
  const found = label?.deviceId ?? given ?? basename(resolve(deviceDir));
  const expected = job.deviceId ?? given ?? found;
  for (const id of [found, given ?? found])
    if (id !== expected) throw new WaybillError('WrongDevice', { found: id, expected });
  return expected;
}

function requireLabelOf(job: JobDetail, label: Label | undefined): void {
  if (label && label.jobId !== job.id)
    throw new WaybillError('WrongJobDevice', { found: label.jobId, expected: job.id });
}

/** Measures a device for a job. Throws DeviceNotMounted, DeviceTooSmall. */
export function fittingDevice(
  { simulated, output }: Station,
  { deviceDir, deviceId, job }: { deviceDir: string; deviceId: string; job: JobDetail },
): DeviceMeasure {
  const measure = measureDevice(deviceDir, { simulated });
  output.note(`${deviceId}: ${measureWords(measure)}`);
  if (isLargeEnough(measure, job.sizeBytes)) return measure;
  throw new WaybillError('DeviceTooSmall', {
    deviceId,
    capacity: formatBytes(measure.sizeBytes),
    needed: formatBytes(job.sizeBytes),
  });
}

/** Writes the job's label on an empty device; one that carries it already stays as it is. */
export async function labelDevice(
  station: Pick<Station, 'takeOverLock'>,
  deviceDir: string,
  job: JobDetail,
): Promise<void> {
  const { sight, label } = sightOf(deviceDir);
  requireLabelOf(job, label);
  if (label && label.deviceId !== job.deviceId)
    throw new WaybillError('WrongDevice', {
      found: label.deviceId,
      expected: job.deviceId ?? 'none',
    });
  if (label) return;
  if (sight === 'foreign') requireBlank(deviceDir);
  if (sight !== 'blank')
    throw new WaybillError('DeviceNotEmpty', { path: deviceDir, entry: 'an unreadable label' });
  await withDevice(deviceDir, station, async () => writeLabel(deviceDir, labelOf(job)));
}

function labelOf(job: JobDetail): Label {
  const { id: jobId, deviceId, volumeId, option, volumeKind: kind } = job;
  if (deviceId === null) throw new WaybillError('DeviceNotPrepared', { path: 'the device' });
  const createdAt = new Date().toISOString();
  const format = newVolumeFormat(job);
  return { format, deviceId, jobId, volumeId, option, kind, createdAt };
}

async function knownDevice({ client }: Station, id: string, capacityBytes: number): Promise<void> {
  if (!(await findDevice(client, id)))
    await client.call('addDevice', { body: { id, capacityBytes } });
}

/** A device by its id; undefined where the console knows none. */
export async function findDevice(client: Client, deviceId: string) {
  try {
    return await client.call('getDevice', { params: { deviceId } });
  } catch (error) {
    if (isWaybillError(error, 'NotFound')) return undefined;
    throw error;
  }
}
