import { closeSync, constants, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '../domain/errors.ts';
import { onDevice } from '../files/durable.ts';
import { errnoOf } from '../files/errno.ts';
import { type TarEntry, tarHeader, tarPadding } from '../files/tar.ts';
import { PAYLOAD_DIR, TAG_FILES } from '../volume/bag-tags.ts';
import {
  LABEL_PATH,
  PARITY_DIR,
  pagePath,
  SEAL_PATH,
  SIGNATURE_PATH,
  segmentPath,
} from '../volume/layout.ts';
import { openVolume, type VolumeSpec } from '../volume/volume.ts';
import { countedIn } from '../volume/volume-index.ts';
import type { CheckedSeal } from './seal.ts';

/**
 * The files of a sealed volume as entries of an archive: what its seal names, the seal itself, and its recovery data.
 * What else lies on the device is left out. Same volume, same entries: times are those of the seal, and of the objects
 * in a bag.
 */
export function* volumeEntries(spec: VolumeSpec, seal: CheckedSeal): Generator<TarEntry> {
  const sealedNs = BigInt(Date.parse(seal.summary.sealedAt)) * 1_000_000n;
  const own = (path: string) =>
    entryOf(spec, { path: Buffer.from(path), mode: 0o644, mtimeNs: sealedNs });
  const isBag = spec.label.kind === 'bag';
  yield own(LABEL_PATH);
  if (isBag) for (const path of TAG_FILES) yield own(path);
  const volume = openVolume(spec);
  for (const { page, replaced } of seal.pages) {
    yield own(pagePath(page));
    if (!isBag) {
      yield own(segmentPath(page));
      continue;
    }
    for (const { key, mode, mtimeNs } of countedIn(volume.openPage(page), replaced)) {
      const path = Buffer.concat([Buffer.from(`${PAYLOAD_DIR}/`), key]);
      yield entryOf(spec, { path, mode, mtimeNs });
    }
  }
  for (const path of parityFiles(spec.deviceDir)) yield own(path);
  yield own(SEAL_PATH);
  yield own(SIGNATURE_PATH);
}

/** Recovery data, and the copies of small files beside it. */
function parityFiles(deviceDir: string): string[] {
  const dir = join(deviceDir, PARITY_DIR);
  if (!lstatSync(dir, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(dir)
    .filter((name) => /^(\d{6,9}-\d{1,3}\.par|label\.json|seal\.bin|seal\.cms)$/.test(name))
    .sort()
    .map((name) => `${PARITY_DIR}/${name}`);
}

const SLASH = 0x2f;

function entryOf(
  { deviceDir }: VolumeSpec,
  entry: Pick<TarEntry, 'path' | 'mode' | 'mtimeNs'>,
): TarEntry {
  const isDirectory = entry.path.at(-1) === SLASH;
  const path = isDirectory ? entry.path.subarray(0, -1) : entry.path;
  const stat = onDevice(deviceDir, () =>
    lstatSync(pathOn(deviceDir, path), { throwIfNoEntry: false }),
  );
  if (isDirectory ? !stat?.isDirectory() : !stat?.isFile()) throw differs(path, 'is missing');
  if (isDirectory) return { ...entry, path, kind: 'directory', bytes: 0 };
  return { ...entry, path, kind: 'file', bytes: stat?.size ?? 0 };
}

const pathOn = (deviceDir: string, path: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${deviceDir}/`), path]);

const differs = (path: Buffer, problem: string): WaybillError =>
  new WaybillError('VolumeInvalid', { detail: `${path} ${problem}` });

/** An entry's part of the archive, in pieces. A piece is valid until the next one is asked for. */
export function* entryPieces(
  { deviceDir }: VolumeSpec,
  entry: TarEntry,
  buffer: Buffer,
): Generator<Buffer> {
  yield tarHeader(entry);
  if (entry.kind === 'directory') return;
  const fd = openFile(deviceDir, entry.path);
  try {
    let left = entry.bytes;
    while (left > 0) {
      const wanted = Math.min(buffer.length, left);
      const got = onDevice(deviceDir, () => readSync(fd, buffer, 0, wanted, null));
      if (got === 0) throw differs(entry.path, 'is shorter than it was');
      yield buffer.subarray(0, got);
      left -= got;
    }
  } finally {
    closeSync(fd);
  }
  yield tarPadding(entry.bytes);
}

function openFile(deviceDir: string, path: Buffer): number {
  try {
    return openSync(pathOn(deviceDir, path), constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ELOOP')
      throw differs(path, 'is missing');
    throw error;
  }
}
