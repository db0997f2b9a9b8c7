import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, ftruncateSync, readSync } from 'node:fs';
import { isWaybillError, WaybillError } from '../domain/errors.ts';
import type { DeviceFiles } from '../files/device.ts';
import { onDevice } from '../files/durable.ts';
import { numberOf } from './layout.ts';

/** Numbers of the segments or pages in a folder, ascending. A missing folder has none. */
export function numbersIn(device: DeviceFiles, folder: string, extension: 'seg' | 'cat'): number[] {
  const numbers: number[] = [];
  for (const { name } of device.entries(folder)) {
    const number = numberOf(name.toString('latin1'), extension);
    if (number !== undefined) numbers.push(number);
  }
  return numbers.sort((a, b) => a - b);
}

/** SHA-256 of a file, hex, or of its first `end` bytes. Throws VolumeInvalid when it is missing, shorter, or larger than it can be. */
export function fileDigest(
  device: DeviceFiles,
  path: string,
  { bytesMax, end }: { bytesMax: number; end?: number },
): string {
  const fd = device.open(path);
  if (fd === undefined) throw new WaybillError('VolumeInvalid', { detail: `${path} is missing` });
  const sha256 = createHash('sha256');
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  try {
    const { size } = onDevice(device.root, () => fstatSync(fd));
    if (end === undefined && size > bytesMax)
      throw new WaybillError('VolumeInvalid', { detail: `${path} is too large` });
    for (let left = end ?? size; left > 0; ) {
      const wanted = Math.min(left, buffer.length);
      const got = onDevice(device.root, () => readSync(fd, buffer, 0, wanted, null));
      if (got === 0) throw new WaybillError('VolumeInvalid', { detail: `${path} is cut off` });
      left -= got;
      sha256.update(buffer.subarray(0, got));
    }
    return sha256.digest('hex');
  } finally {
    closeSync(fd);
  }
}

const PIECE_BYTES = 1024 * 1024;

/** Compares the digest of a page's file with the one that it should have; where it differs, without what may lie behind its end. */
export function comparePage(
  digest: string,
  file: { whole: () => string; cut: () => string },
): 'same' | 'longer' | 'other' {
  for (const [state, read] of [
    ['same', file.whole],
    ['longer', file.cut],
  ] as const) {
    try {
      if (read() === digest) return state;
    } catch (error) {
      if (!isWaybillError(error, 'VolumeInvalid', 'PageDamaged', 'DeviceIo')) throw error;
    }
  }
  return 'other';
}

/** Cuts files of a device off where they end, durably. Returns the paths of those that were longer. */
export function trimFiles(device: DeviceFiles, files: { path: string; bytes: number }[]): string[] {
  const longer = files.filter(({ path, bytes }) => (device.entry(path)?.bytes ?? 0) > bytes);
  for (const { path, bytes } of longer) {
    const fd = device.openToChange(path, bytes);
    if (fd === undefined) continue;
    try {
      onDevice(device.root, () => {
        ftruncateSync(fd, bytes);
        fsyncSync(fd);
      });
    } finally {
      closeSync(fd);
    }
  }
  return longer.map(({ path }) => path);
}
