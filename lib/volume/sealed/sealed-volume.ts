import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { DeviceFiles } from '../../files/device.ts';
import {
  decodePage,
  endOfPage,
  type OpenPage,
  openPage,
  type Page,
  type PageSummary,
  type SegmentFacts,
  type StreamedPage,
  summarizePage,
  withPageErrors,
} from '../catalog/page.ts';
import { readStart } from '../copies.ts';
import { type FrameBuffers, oneFrame } from '../frame-buffers.ts';
import type { Label } from '../label.ts';
import {
  CATALOG_DIR,
  FACTS_PATH,
  type FileKind,
  FRAME_BYTES,
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
} from '../layout.ts';
import type { Damage, PageFile, Probed, Volume, VolumeReader, VolumeWriter } from '../volume.ts';
import { comparePage, fileDigest, numbersIn, trimFiles } from '../volume-files.ts';
import type { SealedFileId } from './frames.ts';
import { SealedReader } from './reader.ts';
import {
  FrameDamage,
  openBuffer,
  openBytes,
  openWithTail,
  SealedFileReader,
  sealBytes,
  sealedBytes,
} from './sealed-file.ts';
import { SealedWriter } from './writer.ts';

/** The encrypted volume: segments of ciphertext and encrypted catalog pages. */
export class SealedVolume implements Volume {
  readonly kind = 'sealed';
  readonly #device: DeviceFiles;
  readonly #volumeId: string;
  readonly #layout: VolumeLayout;
  readonly #jobKey: Buffer;
  /** Pages that were found to have bytes behind their end. */
  readonly #longer = new Set<number>();

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

  summarizePage(number: number): PageSummary {
    return this.#page(number, summarizePage);
  }

  #page<T>(number: number, read: (bytes: Buffer, number: number, layout: VolumeLayout) => T): T {
    try {
      return read(this.#openPage(number), number, this.#layout);
    } catch (error) {
      if (!(error instanceof FrameDamage) && !isWaybillError(error, 'VolumeInvalid')) throw error;
      throw new WaybillError('PageDamaged', { page: number }, { cause: error });
    }
  }

  /** A page as it says it is; what lies behind its end does not count. */
  #openPage(number: number): Buffer {
    try {
      return this.#open(pagePath(number), 'page', number, PAGE_BYTES_MAX);
    } catch (error) {
      if (!(error instanceof FrameDamage) && !isWaybillError(error, 'VolumeInvalid')) throw error;
      const start = readStart(this.#device, pagePath(number), sealedBytes(PAGE_BYTES_MAX));
      const page =
        start &&
        openWithTail(start, this.#idOf('page', number), this.#jobKey, (plaintext) =>
          endOfPage(plaintext, this.#layout),
        );
      if (!page) throw error;
      this.#longer.add(number);
      return page;
    }
  }

  pageFile(number: number): PageFile {
    const bytes = this.#page(number, (page) => sealedBytes(page.length));
    const max = { bytesMax: sealedBytes(PAGE_BYTES_MAX), end: bytes };
    return { digest: fileDigest(this.#device, pagePath(number), max), bytes };
  }

  comparePage(number: number, digest: string): 'same' | 'longer' | 'other' {
    const max = { bytesMax: sealedBytes(PAGE_BYTES_MAX) };
    return comparePage(digest, {
      whole: () => fileDigest(this.#device, pagePath(number), max),
      cut: () => this.pageFile(number).digest,
    });
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
      file = this.#openSegment(number, () => facts?.bytes);
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
    const isExact = entry?.kind === 'file' && entry.bytes === sealedBytes(page.segment.bytes);
    return isExact && !this.#longer.has(page.number);
  }

  probe(number: number, page: StreamedPage | undefined, pieces: number): Probed {
    const entry = this.#device.entry(segmentPath(number));
    if (entry?.kind !== 'file' || entry.bytes === 0) return 'missing';
    if (!page) return 'damaged';
    const { bytes } = page.segment;
    if (entry.bytes < sealedBytes(bytes)) return 'missing';
    if (pieces === 0) return 'sound';
    let file: SealedFileReader | undefined;
    try {
      file = this.#openSegment(number, () => bytes);
      for (let i = 0; i < pieces; i += 1) file.readFrame(Math.floor(Math.random() * file.frames));
      return 'sound';
    } catch (error) {
      if (error instanceof FrameDamage || isWaybillError(error, 'VolumeInvalid')) return 'damaged';
      throw error;
    } finally {
      file?.close();
    }
  }

  trim(number: number): string[] {
    const { segment } = this.summarizePage(number);
    return trimFiles(this.#device, [
      { path: pagePath(number), bytes: this.pageFile(number).bytes },
      { path: segmentPath(number), bytes: sealedBytes(segment.bytes) },
    ]);
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

  #openSegment(
    number: number,
    plaintextBytes = () => this.#segmentBytes(number),
  ): SealedFileReader {
    const id = this.#idOf('segment', number);
    const fd = this.#device.open(segmentPath(number));
    const options = { bytesMax: SEGMENT_BYTES_MAX, plaintextBytes };
    return new SealedFileReader(fd, id, this.#jobKey, options);
  }

  /** How long a segment is by its page; undefined when that is lost. */
  #segmentBytes(number: number): number | undefined {
    try {
      return this.summarizePage(number).segment.bytes;
    } catch (error) {
      if (isWaybillError(error, 'PageDamaged')) return undefined;
      throw error;
    }
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
