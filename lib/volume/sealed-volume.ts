import { createHash } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import { isWaybillError, WaybillError } from '../domain/errors.ts';
import { DeviceFiles } from '../files/device.ts';
import { onDevice } from '../files/durable.ts';
import type { SealedFileId } from './frames.ts';
import type { Label } from './label.ts';
import {
  CATALOG_DIR,
  FACTS_PATH,
  type FileKind,
  FRAME_BYTES,
  numberOf,
  PAGE_BYTES_MAX,
  pagePath,
  SEAL_BYTES_MAX,
  SEAL_PATH,
  SEGMENT_BYTES_MAX,
  SEGMENTS_DIR,
  segmentPath,
  VOLUME_DIR,
  VOLUME_LAYOUTS,
  type VolumeLayout,
} from './layout.ts';
import {
  decodePage,
  type OpenPage,
  openPage,
  type Page,
  type PageSummary,
  type SegmentFacts,
  type StreamedPage,
  skimPage,
  withPageErrors,
} from './page.ts';
import {
  type FrameBuffers,
  FrameDamage,
  oneFrame,
  openBuffer,
  openBytes,
  SealedFileReader,
  sealBytes,
  sealedBytes,
} from './sealed-file.ts';
import { SealedReader } from './sealed-reader.ts';
import { SealedWriter } from './sealed-writer.ts';
import type { Damage, Volume, VolumeReader, VolumeWriter } from './volume.ts';

/** The encrypted volume: segments of ciphertext and encrypted catalog pages. */
export class SealedVolume implements Volume {
  readonly kind = 'sealed';
  readonly #device: DeviceFiles;
  readonly #volumeId: string;
  readonly #layout: VolumeLayout;
  readonly #jobKey: Buffer;

  constructor(deviceDir: string, label: Label, jobKey: Buffer) {
    this.#device = new DeviceFiles(deviceDir);
    this.#volumeId = label.volumeId;
    this.#layout = VOLUME_LAYOUTS[label.format];
    this.#jobKey = jobKey;
  }

  pageNumbers(): number[] {
    return numbersIn(this.#device, CATALOG_DIR, 'cat');
  }

  readPage(number: number): Page {
    return this.#page(number, decodePage);
  }

  openPage(number: number): OpenPage {
    return withPageErrors(this.#page(number, openPage));
  }

  skimPage(number: number): PageSummary {
    return this.#page(number, skimPage);
  }

  #page<T>(number: number, read: (bytes: Buffer, number: number, layout: VolumeLayout) => T): T {
    try {
      const page = this.#open(pagePath(number), 'page', number, PAGE_BYTES_MAX);
      return read(page, number, this.#layout);
    } catch (error) {
      if (!(error instanceof FrameDamage) && !isWaybillError(error, 'VolumeInvalid')) throw error;
      throw new WaybillError('PageDamaged', { page: number }, { cause: error });
    }
  }

  pageDigest(number: number): string {
    return fileDigest(this.#device, pagePath(number), sealedBytes(PAGE_BYTES_MAX));
  }

  writer(nextNumber: () => number, frames: FrameBuffers = oneFrame()): VolumeWriter {
    const place = {
      device: this.#device,
      volumeId: this.#volumeId,
      layout: this.#layout,
      jobKey: this.#jobKey,
      publishPage: (number: number, page: Buffer) => this.#publishPage(number, page),
    };
    return new SealedWriter(place, nextNumber, frames);
  }

  reader(): VolumeReader {
    return new SealedReader((number) => this.#openSegment(number));
  }

  check({ number, segment }: Page, onBytes: (bytes: number) => void): Damage[] {
    return this.#check(number, segment, onBytes);
  }

  checkSegment(number: number): Damage[] {
    return this.#check(number, undefined, () => undefined);
  }

  /** Without what its page says of it a segment is proved by its tags alone, the last of which marks its end. */
  #check(
    number: number,
    facts: SegmentFacts | undefined,
    onBytes: (bytes: number) => void,
  ): Damage[] {
    const to = facts?.bytes ?? SEGMENT_BYTES_MAX;
    const whole: Damage = { segment: number, from: 0, to, fileOffset: 0 };
    let file: SealedFileReader;
    try {
      file = this.#openSegment(number);
    } catch (error) {
      if (error instanceof FrameDamage || isWaybillError(error, 'VolumeInvalid')) return [whole];
      throw error;
    }
    const damage: Damage[] = [];
    try {
      for (let i = 0; i < file.frames; i += 1) {
        try {
          onBytes(file.readFrame(i));
        } catch (error) {
          if (!(error instanceof FrameDamage)) throw error;
          const from = i * FRAME_BYTES;
          damage.push({
            segment: number,
            from,
            to: from + FRAME_BYTES,
            fileOffset: error.offset,
          });
        }
      }
      const same = !facts || (file.frames === facts.frames && file.digest().equals(facts.digest));
      return damage.length === 0 && !same ? [whole] : damage;
    } finally {
      file.close();
    }
  }

  hasSegment(page: StreamedPage): boolean {
    const entry = this.#device.entry(segmentPath(page.number));
    return entry?.kind === 'file' && entry.bytes === sealedBytes(page.segment.bytes);
  }

  dropPage(number: number): void {
    this.#device.unpublish(pagePath(number));
    this.#device.remove(segmentPath(number));
  }

  cleanUp(): void {
    this.#device.removeTemporaries(VOLUME_DIR);
    this.#device.removeTemporaries(CATALOG_DIR);
    const pages = new Set(this.pageNumbers());
    for (const folder of this.#device.names(SEGMENTS_DIR, (name) => /^\d{6}$/.test(name))) {
      const path = `${SEGMENTS_DIR}/${folder}`;
      if (this.#device.entry(path)?.kind !== 'folder') continue;
      for (const number of numbersIn(this.#device, path, 'seg')) {
        if (!pages.has(number)) this.#device.remove(segmentPath(number));
      }
    }
  }

  readFacts(): Buffer | undefined {
    if (!this.#device.entry(FACTS_PATH)) return undefined;
    return withFrameErrors('facts', () => this.#open(FACTS_PATH, 'facts', 0, SEAL_BYTES_MAX));
  }

  writeFacts(content: Buffer): void {
    this.#device.publish(FACTS_PATH, this.#seal('facts', 0, content));
  }

  openSealBody(sealed: Buffer): Buffer {
    const id = this.#idOf('seal', 0);
    return withFrameErrors('seal', () => openBuffer(sealed, id, this.#jobKey));
  }

  writeSealBody(content: Buffer): Buffer {
    const bytes = this.#seal('seal', 0, content);
    this.#device.publish(SEAL_PATH, bytes);
    this.#device.unpublish(FACTS_PATH);
    return bytes;
  }

  bytesNeeded(objects: number, bytes: number): number {
    // A record with its key and extents, and a margin for the ends of segments, seal and directory blocks.
    return sealedBytes(bytes) + objects * 256 + 4 * FRAME_BYTES;
  }

  #publishPage(number: number, page: Buffer): void {
    this.#device.makeFolder(CATALOG_DIR);
    this.#device.publish(pagePath(number), this.#seal('page', number, page));
  }

  #openSegment(number: number): SealedFileReader {
    const id = this.#idOf('segment', number);
    const fd = this.#device.open(segmentPath(number));
    return new SealedFileReader(fd, id, this.#jobKey, SEGMENT_BYTES_MAX);
  }

  #seal(kind: FileKind, number: number, content: Buffer): Buffer {
    return sealBytes(this.#jobKey, this.#idOf(kind, number), content);
  }

  #open(path: string, kind: FileKind, number: number, bytesMax: number): Buffer {
    const id = this.#idOf(kind, number);
    return openBytes(this.#device.open(path), id, this.#jobKey, bytesMax);
  }

  #idOf(kind: FileKind, number: number): SealedFileId {
    return { format: this.#layout.format, kind, number, volumeId: this.#volumeId };
  }
}

function withFrameErrors<T>(kind: FileKind, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FrameDamage)) throw error;
    throw new WaybillError('VolumeInvalid', { detail: `${kind} is damaged at ${error.offset}` });
  }
}

/** Numbers of the segments or pages in a folder, ascending. A missing folder has none. */
export function numbersIn(device: DeviceFiles, folder: string, extension: 'seg' | 'cat'): number[] {
  const numbers: number[] = [];
  for (const { name } of device.entries(folder)) {
    const number = numberOf(name.toString('latin1'), extension);
    if (number !== undefined) numbers.push(number);
  }
  return numbers.sort((a, b) => a - b);
}

/** SHA-256 of a file, hex. Throws VolumeInvalid when it is missing, or larger than it can be. */
export function fileDigest(device: DeviceFiles, path: string, bytesMax: number): string {
  const fd = device.open(path);
  if (fd === undefined) throw new WaybillError('VolumeInvalid', { detail: `${path} is missing` });
  const sha256 = createHash('sha256');
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  try {
    for (let bytes = 0; ; ) {
      const got = onDevice(device.root, () => readSync(fd, buffer, 0, buffer.length, null));
      if (got === 0) return sha256.digest('hex');
      bytes += got;
      if (bytes > bytesMax)
        throw new WaybillError('VolumeInvalid', { detail: `${path} is too large` });
      sha256.update(buffer.subarray(0, got));
    }
  } finally {
    closeSync(fd);
  }
}

const PIECE_BYTES = 1024 * 1024;
