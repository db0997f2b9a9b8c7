import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isWaybillError, WaybillError } from '../domain/errors.ts';
import { makeDir, onDevice, publish, removeTemporaries, unpublish } from '../files/durable.ts';
import { errnoOf } from '../files/errno.ts';
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
  readonly #dir: string;
  readonly #volumeId: string;
  readonly #layout: VolumeLayout;
  readonly #jobKey: Buffer;

  constructor(deviceDir: string, label: Label, jobKey: Buffer) {
    this.#dir = deviceDir;
    this.#volumeId = label.volumeId;
    this.#layout = VOLUME_LAYOUTS[label.format];
    this.#jobKey = jobKey;
  }

  pageNumbers(): number[] {
    return numbersIn(join(this.#dir, CATALOG_DIR), 'cat');
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
    return fileDigest(join(this.#dir, pagePath(number)), sealedBytes(PAGE_BYTES_MAX));
  }

  writer(nextNumber: () => number, frames: FrameBuffers = oneFrame()): VolumeWriter {
    const place = {
      deviceDir: this.#dir,
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
    try {
      const stat = lstatSync(join(this.#dir, segmentPath(page.number)));
      return stat.isFile() && stat.size === sealedBytes(page.segment.bytes);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return false;
      throw error;
    }
  }

  dropPage(number: number): void {
    onDevice(this.#dir, () => {
      unpublish(join(this.#dir, pagePath(number)));
      rmSync(join(this.#dir, segmentPath(number)), { force: true });
    });
  }

  cleanUp(): void {
    const catalog = join(this.#dir, CATALOG_DIR);
    onDevice(this.#dir, () => {
      removeTemporaries(join(this.#dir, 'waybill'));
      if (existsSync(catalog)) removeTemporaries(catalog);
      const pages = new Set(this.pageNumbers());
      const root = join(this.#dir, SEGMENTS_DIR);
      for (const folder of existsSync(root) ? readdirSync(root) : []) {
        for (const number of numbersIn(join(root, folder), 'seg')) {
          if (!pages.has(number)) rmSync(join(this.#dir, segmentPath(number)), { force: true });
        }
      }
    });
  }

  readFacts(): Buffer | undefined {
    if (!existsSync(join(this.#dir, FACTS_PATH))) return undefined;
    return this.#openTyped(FACTS_PATH, 'facts');
  }

  writeFacts(content: Buffer): void {
    onDevice(this.#dir, () =>
      publish(join(this.#dir, FACTS_PATH), this.#seal('facts', 0, content)),
    );
  }

  readSealBody(): Buffer {
    return this.#openTyped(SEAL_PATH, 'seal');
  }

  writeSealBody(content: Buffer): Buffer {
    const bytes = this.#seal('seal', 0, content);
    onDevice(this.#dir, () => {
      publish(join(this.#dir, SEAL_PATH), bytes);
      unpublish(join(this.#dir, FACTS_PATH));
    });
    return bytes;
  }

  bytesNeeded(objects: number, bytes: number): number {
    // A record with its key and extents, and a margin for the ends of segments, seal and directory blocks.
    return sealedBytes(bytes) + objects * 256 + 4 * FRAME_BYTES;
  }

  #publishPage(number: number, page: Buffer): void {
    makeDir(this.#dir, CATALOG_DIR);
    publish(join(this.#dir, pagePath(number)), this.#seal('page', number, page));
  }

  #openSegment(number: number): SealedFileReader {
    const id = this.#idOf('segment', number);
    return onDevice(
      this.#dir,
      () =>
        new SealedFileReader(
          join(this.#dir, segmentPath(number)),
          id,
          this.#jobKey,
          SEGMENT_BYTES_MAX,
        ),
    );
  }

  #seal(kind: FileKind, number: number, content: Buffer): Buffer {
    return sealBytes(this.#jobKey, this.#idOf(kind, number), content);
  }

  #open(path: string, kind: FileKind, number: number, bytesMax: number): Buffer {
    const id = this.#idOf(kind, number);
    return openBytes(join(this.#dir, path), id, this.#jobKey, bytesMax);
  }

  #idOf(kind: FileKind, number: number): SealedFileId {
    return { format: this.#layout.format, kind, number, volumeId: this.#volumeId };
  }

  #openTyped(path: string, kind: FileKind): Buffer {
    try {
      return this.#open(path, kind, 0, SEAL_BYTES_MAX);
    } catch (error) {
      if (!(error instanceof FrameDamage)) throw error;
      throw new WaybillError('VolumeInvalid', { detail: `${kind} is damaged at ${error.offset}` });
    }
  }
}

/** Numbers of the segments or pages in a folder, ascending. A missing folder has none. */
export function numbersIn(dir: string, extension: 'seg' | 'cat'): number[] {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
  return names
    .map((name) => numberOf(name, extension))
    .filter((n) => n !== undefined)
    .sort((a, b) => a - b);
}

/** SHA-256 of a small file, hex. Throws VolumeInvalid when it is larger than it can be. */
export function fileDigest(path: string, bytesMax: number): string {
  const stat = statSync(path);
  if (!stat.isFile() || stat.size > bytesMax) {
    throw new WaybillError('VolumeInvalid', { detail: 'a catalog page is too large' });
  }
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
