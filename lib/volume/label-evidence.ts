import { isWaybillError } from '../domain/errors.ts';
import type { VolumeKind } from '../domain/words.ts';
import { DeviceFiles } from '../files/device.ts';
import { parseManifestLine } from './bag/tags.ts';
import { placesOf, readStart } from './copies.ts';
import {
  CATALOG_DIR,
  FACTS_PATH,
  HEADER_BYTES,
  LABEL_PATH,
  LAYOUT_1,
  numberOf,
  pagePath,
  segmentPath,
  VOLUME_FORMATS,
  VOLUME_LAYOUTS,
  type VolumeFormat,
} from './layout.ts';
import { volumeIdBytes } from './sealed/frames.ts';

/** Of a volume with many pages so many are looked at. */
const PAGES_MAX = 4;
/** A bag has a tag file for each page. */
const TAG_MANIFEST_BYTES_MAX = 16 * 1024 * 1024;

/**
 * The format that the sealed files of a volume begin with, most of those that are looked at; undefined when none begins
 * with a header of this volume. The format is part of a file's key: under another label nothing would open.
 */
export function formatOfHeaders(deviceDir: string, volumeId: string): VolumeFormat | undefined {
  const device = new DeviceFiles(deviceDir);
  const pages = firstPages(device);
  const paths = [
    ...placesOf('seal.bin'),
    FACTS_PATH,
    ...pages.map(pagePath),
    ...pages.map(segmentPath),
  ];
  const votes = new Map<VolumeFormat, number>();
  for (const path of paths) {
    const header = readStart(device, path, HEADER_BYTES);
    const format = header && formatOf(header, volumeId);
    if (format) votes.set(format, (votes.get(format) ?? 0) + 1);
  }
  return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0];
}

function formatOf(header: Buffer, volumeId: string): VolumeFormat | undefined {
  if (!header.subarray(16, 32).equals(volumeIdBytes(volumeId))) return undefined;
  return VOLUME_FORMATS.find((format) =>
    header.subarray(0, 8).equals(VOLUME_LAYOUTS[format].magic),
  );
}

function firstPages(device: DeviceFiles): number[] {
  const numbers: number[] = [];
  try {
    for (const { name } of device.entries(CATALOG_DIR)) {
      const number = numberOf(name.toString('latin1'), 'cat');
      if (number !== undefined) numbers.push(number);
      if (numbers.length === PAGES_MAX) break;
    }
  } catch (error) {
    if (!isWaybillError(error, 'DeviceHostile', 'DeviceIo')) throw error;
  }
  return numbers;
}

/** SHA-256 that the tag manifest of a bag has of its label, hex; undefined when there is none. */
export function labelDigestOfBag(deviceDir: string): string | undefined {
  const device = new DeviceFiles(deviceDir);
  const text = readStart(device, 'tagmanifest-sha256.txt', TAG_MANIFEST_BYTES_MAX);
  const line = text
    ?.toString('utf8')
    .split('\n')
    .find((one) => parseManifestLine(one)?.path === LABEL_PATH);
  return line === undefined ? undefined : parseManifestLine(line)?.digest;
}

/** The format of a volume by its own files, whatever its labels say; undefined when it has no file that tells. */
export function formatOfVolume(
  deviceDir: string,
  { volumeId, kind }: { volumeId: string; kind: VolumeKind },
): VolumeFormat | undefined {
  if (kind === 'sealed') return formatOfHeaders(deviceDir, volumeId);
  const device = new DeviceFiles(deviceDir);
  // The seal of a bag is text, and the volume is named in its first line.
  const isNamed = placesOf('seal.bin').some((path) =>
    readStart(device, path, 4096)?.toString('latin1').includes(`"volumeId":"${volumeId}"`),
  );
  return isNamed ? LAYOUT_1.format : undefined;
}
