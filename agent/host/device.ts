import { isWaybillError, WaybillError } from '../../lib/domain/errors.ts';
import { OPTION_RULES } from '../../lib/domain/options.ts';
import { printableKey } from '../../lib/domain/report.ts';
import type { ManifestPayload } from '../../lib/keys/manifest/payload.ts';
import { contentOf } from '../../lib/volume/blank.ts';
import { isSealed, type Label, labelOf, writeLabel } from '../../lib/volume/label.ts';
import { newVolumeFormat } from '../../lib/volume/layout.ts';
import { lockDevice } from '../../lib/volume/lock.ts';
import { measureDevice } from './measure-device.ts';

/** What a customer's empty disk may hold; it belongs to a job of the Import/Export API. */
const HARMLESS = ['SIGNATURE'];

/**
 * The label of the device, which must be the one of the manifest; where all copies of it are lost, the one that manifest and
 * the volume's own files say. Throws
 * WrongDevice, WrongJobDevice, VolumeInvalid.
 */
export function checkedLabel(deviceDir: string, payload: ManifestPayload): Label {
  const { jobId, deviceId, volumeId, volumeKind: kind, option, issuedAt } = payload;
  const label = labelOf(deviceDir, { jobId, deviceId, volumeId, kind, option }, issuedAt);
  if (label.jobId !== payload.jobId) {
    throw new WaybillError('WrongJobDevice', { found: label.jobId, expected: payload.jobId });
  }
  if (label.deviceId !== payload.deviceId) {
    throw new WaybillError('WrongDevice', { found: label.deviceId, expected: payload.deviceId });
  }
  if (label.volumeId !== payload.volumeId || label.kind !== payload.volumeKind) {
    throw new WaybillError('VolumeInvalid', {
      detail: 'the label names another volume than the manifest',
    });
  }
  return label;
}

/** Throws DeviceNotEmpty, which names something that is on the device. */
export function requireBlank(deviceDir: string, harmless: readonly string[] = []): void {
  const entry = contentOf(deviceDir, harmless);
  if (entry)
    throw new WaybillError('DeviceNotEmpty', { path: deviceDir, entry: printableKey(entry) });
}

/**
 * As `checkedLabel`; a customer's own empty disk gets its label first, a plain directory only where it is said to be
 * meant: it may be the place where a disk is not mounted. Throws DeviceNotPrepared, DeviceNotEmpty, DeviceIsDirectory.
 */
export function labelForLoad(
  deviceDir: string,
  payload: ManifestPayload,
  {
    deviceIsADirectory = false,
    dryRun = false,
  }: { deviceIsADirectory?: boolean | undefined; dryRun?: boolean | undefined } = {},
): Label {
  try {
    return checkedLabel(deviceDir, payload);
  } catch (error) {
    const ownDisk = OPTION_RULES[payload.option].owner === 'customer';
    if (!ownDisk || !isWaybillError(error, 'DeviceNotPrepared')) throw error;
  }
  if (!deviceIsADirectory) requireMounted(deviceDir);
  requireBlank(deviceDir, HARMLESS);
  const { deviceId, jobId, volumeId, option, volumeKind } = payload;
  const createdAt = new Date().toISOString();
  const label: Label = {
    format: newVolumeFormat(payload),
    deviceId,
    jobId,
    volumeId,
    option,
    kind: volumeKind,
    createdAt,
  };
  if (dryRun) return label;
  writeLabel(deviceDir, label);
  return checkedLabel(deviceDir, payload);
}

function requireMounted(path: string): void {
  try {
    measureDevice(path);
  } catch (error) {
    if (!isWaybillError(error, 'DeviceNotMounted')) throw error;
    throw new WaybillError('DeviceIsDirectory', { path, detail: String(error.facts.detail) });
  }
}

/** Throws VolumeSealed. */
export function requireUnsealed(deviceDir: string): void {
  if (isSealed(deviceDir)) throw new WaybillError('VolumeSealed');
}

/** Works on a device that no other agent works on; work that only reads can do so read-only. Throws DeviceLocked. */
export async function withDevice<T>(
  deviceDir: string,
  options: { takeOverLock?: boolean | undefined; readOnly?: boolean | undefined },
  work: () => Promise<T>,
): Promise<T> {
  const { takeOverLock: takeOver, readOnly } = options;
  const lock = lockDevice(deviceDir, { takeOver, readOnly });
  try {
    return await work();
  } finally {
    lock.release();
  }
}
