import { closeSync, readSync } from 'node:fs';
import { WaybillError } from '../../domain/errors.ts';
import { DeviceFiles } from '../../files/device.ts';
import { onDevice } from '../../files/durable.ts';
import { type TarEntry, tarHeader, tarPadding } from '../../files/tar.ts';
import { PAYLOAD_DIR, TAG_FILES } from '../../volume/bag/tags.ts';
import { homesOf, type SmallFile } from '../../volume/copies.ts';
import { countedIn } from '../../volume/index/live-records.ts';
import { labelBytes } from '../../volume/label.ts';
import { PARITY_DIR, pagePath, segmentPath } from '../../volume/layout.ts';
import { openVolume } from '../../volume/open-volume.ts';
import { parityFileBytes, readParityHeads } from '../../volume/parity/parity-file.ts';
import { sealedBytes } from '../../volume/sealed/sealed-file.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import type { CheckedSeal } from '../verify/seal.ts';

/** An entry of an archive, and where its bytes come from: a file of the device, or memory. */
export interface VolumeEntry extends TarEntry {
  from?: string | Buffer;
  content?: Buffer;
}

/**
 * The files of a sealed volume as entries of an archive: what its seal names, the seal itself, and its recovery data, each
 * as long as it should be. What else lies on the device is left out. Same volume, same entries: times are those of the seal,
 * and of the objects in a bag.
 */
export function* volumeEntries(spec: VolumeSpec, seal: CheckedSeal): Generator<VolumeEntry> {
  const device = new DeviceFiles(spec.deviceDir);
  const sealedNs = BigInt(Date.parse(seal.summary.sealedAt)) * 1_000_000n;
  const isBag = spec.label.kind === 'bag';
  const facts = { mode: 0o644, mtimeNs: sealedNs };
  const own = (path: string, bytes?: number, from = path) =>
    fileEntry(device, { path: Buffer.from(path), from, ...facts }, bytes);
  const label = labelBytes(spec.deviceDir, spec.label);
  for (const path of placesIn(seal, 'label.json')) yield inMemory(path, label, facts);
  if (isBag) for (const path of TAG_FILES) yield own(path);
  const volume = openVolume(spec);
  for (const { page, replaced } of seal.pages) {
    yield own(pagePath(page), volume.pageFile(page).bytes);
    if (!isBag) {
      yield own(segmentPath(page), sealedBytes(volume.summarizePage(page).segment.bytes));
      continue;
    }
    for (const { key, mode, mtimeNs } of countedIn(volume.openPage(page), replaced)) {
      const path = Buffer.concat([Buffer.from(`${PAYLOAD_DIR}/`), key]);
      yield payloadEntry(device, { path, mode, mtimeNs });
    }
  }
  for (const { path, bytes } of parityFiles(device, spec.label.volumeId)) yield own(path, bytes);
  for (const path of placesIn(seal, 'seal.bin')) yield own(path, undefined, seal.bodyPath);
  for (const path of placesIn(seal, 'seal.cms')) yield inMemory(path, seal.signature, facts);
}

/** Where a small file lies in the archive: as often as the seal says; its own place last, as it is written last. */
function placesIn({ summary }: CheckedSeal, file: SmallFile): string[] {
  const homes = homesOf(file);
  return (summary.copies === undefined ? homes.slice(0, 1) : homes).reverse();
}

/** Recovery data that is there in full length. */
function parityFiles(device: DeviceFiles, volumeId: string): { path: string; bytes: number }[] {
  return [...readParityHeads(device.root, volumeId).values()]
    .flatMap((head) => head.parity.map(({ path }) => ({ path, bytes: parityFileBytes(head) })))
    .filter(
      ({ path, bytes }) =>
        path.startsWith(`${PARITY_DIR}/`) && (device.entry(path)?.bytes ?? 0) >= bytes,
    )
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

type Facts = Pick<TarEntry, 'mode' | 'mtimeNs'>;

const inMemory = (path: string, content: Buffer, facts: Facts): VolumeEntry => ({
  ...facts,
  path: Buffer.from(path),
  kind: 'file',
  bytes: content.length,
  content,
});

const SLASH = 0x2f;

function payloadEntry(
  device: DeviceFiles,
  { path, mode, mtimeNs }: Facts & { path: Buffer },
): VolumeEntry {
  if (path.at(-1) !== SLASH) return fileEntry(device, { path, from: path, mode, mtimeNs });
  const folder = path.subarray(0, -1);
  if (device.entry(folder)?.kind !== 'folder') throw differs(folder, 'is missing');
  return { path: folder, mode, mtimeNs, kind: 'directory', bytes: 0 };
}

function fileEntry(
  device: DeviceFiles,
  entry: Facts & { path: Buffer; from: string | Buffer },
  bytes?: number,
): VolumeEntry {
  const found = device.entry(entry.from);
  if (found?.kind !== 'file') throw differs(entry.path, 'is missing');
  if (bytes !== undefined && found.bytes < bytes) throw differs(entry.path, 'is cut off');
  return { ...entry, kind: 'file', bytes: bytes ?? found.bytes };
}

const differs = (path: Buffer, problem: string): WaybillError =>
  new WaybillError('VolumeInvalid', { detail: `${path} ${problem}` });

/** An entry's part of the archive, in pieces. A piece is valid until the next one is asked for. */
export function* entryPieces(
  { deviceDir }: VolumeSpec,
  entry: VolumeEntry,
  buffer: Buffer,
): Generator<Buffer> {
  yield tarHeader(entry);
  if (entry.kind === 'directory') return;
  if (entry.content) yield entry.content;
  else yield* filePieces(new DeviceFiles(deviceDir), entry, buffer);
  yield tarPadding(entry.bytes);
}

function* filePieces(device: DeviceFiles, entry: VolumeEntry, buffer: Buffer): Generator<Buffer> {
  const fd = device.open(entry.from ?? entry.path);
  if (fd === undefined) throw differs(entry.path, 'is missing');
  try {
    for (let left = entry.bytes; left > 0; ) {
      const wanted = Math.min(buffer.length, left);
      const got = onDevice(device.root, () => readSync(fd, buffer, 0, wanted, null));
      if (got === 0) throw differs(entry.path, 'is shorter than it was');
      yield buffer.subarray(0, got);
      left -= got;
    }
  } finally {
    closeSync(fd);
  }
}
