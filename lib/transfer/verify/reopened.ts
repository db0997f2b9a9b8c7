import { isWaybillError } from '../../domain/errors.ts';
import { DeviceFiles } from '../../files/device.ts';
import { parseLine } from '../../files/json-line.ts';
import { readSealLines } from '../../volume/catalog/seal-lines.ts';
import { sealBodies } from '../../volume/copies.ts';
import { REOPENED_PATH } from '../../volume/layout.ts';
import { openVolume } from '../../volume/open-volume.ts';
import type { VolumeSpec } from '../../volume/volume.ts';

/**
 * What a reopened volume remembers of the seal that was taken off: the next one says a later time, also when the clock of
 * its host has been set back meanwhile. So the times of a volume's seals are in their order. FORMAT.md §2.2.
 */

const BYTES_MAX = 1024;

/** Keeps the time of the seal that is about to be taken off; of one that cannot be read nothing is known. */
export function noteReopening(spec: VolumeSpec): void {
  const times = sealTimes(spec);
  if (times.length === 0) return;
  const sealedAt = new Date(Math.max(...times)).toISOString();
  new DeviceFiles(spec.deviceDir).publish(REOPENED_PATH, `${JSON.stringify({ sealedAt })}\n`);
}

function sealTimes(spec: VolumeSpec): number[] {
  const volume = openVolume(spec);
  const times: number[] = [];
  for (const { content } of sealBodies(spec.deviceDir)) {
    try {
      times.push(Date.parse(readSealLines(volume.openSealBody(content)).summary.sealedAt));
    } catch (error) {
      if (!isWaybillError(error, 'VolumeInvalid')) throw error;
    }
  }
  return times.filter((time) => !Number.isNaN(time));
}

/** The time that a new seal says: now, but later than the one that was taken off. */
export function nextSealTime(deviceDir: string, now: Date): Date {
  const content = new DeviceFiles(deviceDir).read(REOPENED_PATH, BYTES_MAX);
  const line: { sealedAt?: unknown } = Object(parseLine(content?.toString('utf8') ?? ''));
  const next = new Date(Date.parse(String(line.sealedAt)) + 1);
  return next > now ? next : now;
}

/** Forgets what a new seal has taken into account. */
export function forgetReopening(deviceDir: string): void {
  const device = new DeviceFiles(deviceDir);
  if (device.entry(REOPENED_PATH)) device.unpublish(REOPENED_PATH);
}
