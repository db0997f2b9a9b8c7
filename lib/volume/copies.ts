import { createHash } from 'node:crypto';
import { closeSync, fstatSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { isWaybillError } from '../domain/errors.ts';
import { MiB } from '../domain/sizes.ts';
import { DeviceFiles } from '../files/device.ts';
import { onDevice } from '../files/durable.ts';
import { PARITY_DIR, SEAL_BYTES_MAX, VOLUME_DIR } from './layout.ts';

/**
 * Label and seal are kept three times: without them nothing else of a volume can be read. Which copy is true is for
 * their readers to prove; this file knows where they lie. FORMAT.md §2.2.
 */
export const HOMES = [VOLUME_DIR, `${VOLUME_DIR}/copy-1`, `${VOLUME_DIR}/copy-2`] as const;

/** Where copies are looked for: volumes of earlier versions had one beside their parity. */
const READ_FROM = [...HOMES, PARITY_DIR];

export type SmallFile = 'label.json' | 'seal.bin' | 'seal.cms';

const SIGNATURE_BYTES_MAX = MiB;

/** The paths of a small file, relative to the device; the first is its own place. */
export const placesOf = (file: SmallFile): string[] => READ_FROM.map((dir) => `${dir}/${file}`);

/** The paths that a writer of today fills. */
export const homesOf = (file: SmallFile): string[] => HOMES.map((dir) => `${dir}/${file}`);

/** A small file as it lies on the device. */
export interface SmallCopy {
  /** Relative to the device. */
  path: string;
  content: Buffer;
}

/**
 * The beginning of a file, `bytesMax` at most, however large it claims to be; undefined when there is no regular file whose
 * bytes can be read. Throws DeviceHostile when a folder of the volume itself is none.
 */
export function readStart(device: DeviceFiles, path: string, bytesMax: number): Buffer | undefined {
  return withFile(device, path, (fd, size) => {
    const buffer = Buffer.allocUnsafeSlow(Math.min(size, bytesMax));
    for (let at = 0; at < buffer.length; ) {
      const got = readSync(fd, buffer, at, buffer.length - at, at);
      if (got === 0) return buffer.subarray(0, at);
      at += got;
    }
    return buffer;
  });
}

/** Size of a regular file; undefined when there is none. */
export const sizeOf = (device: DeviceFiles, path: string): number | undefined =>
  withFile(device, path, (_fd, size) => size);

/** What cannot be read is as good as missing; so is a copy in a folder that is none. */
function withFile<T>(
  device: DeviceFiles,
  path: string,
  work: (fd: number, size: number) => T,
): T | undefined {
  try {
    const fd = device.open(path);
    if (fd === undefined) return undefined;
    try {
      return onDevice(device.root, () => work(fd, fstatSync(fd).size));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (isWaybillError(error, 'DeviceIo', 'DeviceReadOnly')) return undefined;
    if (isWaybillError(error, 'DeviceHostile') && dirname(path) !== VOLUME_DIR) return undefined;
    throw error;
  }
}

/** Whether a volume has anything of a name in one of its places. */
export function isThere(device: DeviceFiles, path: string): boolean {
  try {
    return device.entry(path) !== undefined;
  } catch (error) {
    if (isWaybillError(error, 'DeviceHostile') && dirname(path) !== VOLUME_DIR) return false;
    throw error;
  }
}

/** The different signatures that lie on a device, cut off where their DER ends. */
export function signatures(deviceDir: string): SmallCopy[] {
  const device = new DeviceFiles(deviceDir);
  const found: SmallCopy[] = [];
  for (const path of placesOf('seal.cms')) {
    const content = derOf(readStart(device, path, SIGNATURE_BYTES_MAX));
    if (content && !found.some((one) => one.content.equals(content))) found.push({ path, content });
  }
  return found;
}

/** DER says how long it is; what lies behind its end does not belong to it. */
function derOf(der: Buffer | undefined): Buffer | undefined {
  if (!der || der.length < 2) return undefined;
  const first = der[1] ?? 0;
  if (first < 0x80) return der.subarray(0, 2 + first);
  const count = first - 0x80;
  if (count < 1 || count > 4 || der.length < 2 + count) return undefined;
  const end = 2 + count + der.readUIntBE(2, count);
  return end <= der.length ? der.subarray(0, end) : undefined;
}

/** The different bodies of seals that lie on a device, one at a time: they can be large. */
export function* sealBodies(deviceDir: string): Generator<SmallCopy & { digest: string }> {
  const device = new DeviceFiles(deviceDir);
  const seen = new Set<string>();
  for (const path of placesOf('seal.bin')) {
    const size = sizeOf(device, path) ?? 0;
    if (size === 0 || size > SEAL_BYTES_MAX) continue;
    const content = readStart(device, path, SEAL_BYTES_MAX);
    if (!content) continue;
    const digest = createHash('sha256').update(content).digest('hex');
    if (seen.has(digest)) continue;
    seen.add(digest);
    yield { path, content, digest };
  }
}

/**
 * Whether the volume carries its last word: a body of a seal and a signature, in whichever places. Says nothing about
 * their being valid: `readSeal` does.
 */
export function hasSeal(deviceDir: string): boolean {
  const device = new DeviceFiles(deviceDir);
  return (['seal.bin', 'seal.cms'] as const).every((file) =>
    placesOf(file).some((path) => sizeOf(device, path) !== undefined),
  );
}

/** Writes a small file to its copies. Throws DeviceIo, DeviceReadOnly, DeviceFull. */
export function writeCopies(
  deviceDir: string,
  file: SmallFile,
  content: Uint8Array | string,
): void {
  const device = new DeviceFiles(deviceDir);
  for (const path of homesOf(file).slice(1)) writeCopy(device, path, content);
}

/** Writes one of the places of a small file. What is there instead of the folder of a copy goes first. */
export function writeCopy(device: DeviceFiles, path: string, content: Uint8Array | string): void {
  const dir = dirname(path);
  if (dir !== VOLUME_DIR && device.entry(dir)?.kind !== 'folder') device.unpublish(dir);
  device.makeFolder(dir);
  device.removeTemporaries(dir);
  device.publish(path, content);
}

/**
 * Removes a small file from all its places, durably, its own place last. A seal is taken off by its signatures: while
 * one is left the volume is sealed as before, and nothing of it has changed.
 */
export function removeEverywhere(deviceDir: string, file: SmallFile): void {
  const device = new DeviceFiles(deviceDir);
  for (const path of placesOf(file).reverse()) if (isThere(device, path)) device.unpublish(path);
}

/** Which of the places of a small file do not hold these bytes: missing, different, or longer. */
export function placesUnlike(deviceDir: string, file: SmallFile, content: Buffer): string[] {
  const device = new DeviceFiles(deviceDir);
  return homesOf(file).filter((path) => {
    if (sizeOf(device, path) !== content.length) return true;
    return !readStart(device, path, content.length)?.equals(content);
  });
}
