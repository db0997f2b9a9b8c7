import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { invariant } from '../domain/invariant.ts';
import { makeDir, onDevice, syncDir } from './durable.ts';
import {
  FRAME_BYTES,
  PAGE_BYTES_CLOSE,
  SEGMENT_BYTES_MAX,
  SEGMENTS_DIR,
  segmentDir,
  segmentPath,
} from './layout.ts';
import type { Page } from './page.ts';
import { type CatalogRecord, type Extent, recordBytes } from './records.ts';
import { SealedFileWriter } from './sealed-file.ts';
import type { Checksums, NewEntry, VolumeWriter } from './volume.ts';

interface OpenSegment {
  number: number;
  fd: number;
  path: string;
  file: SealedFileWriter;
  records: CatalogRecord[];
  pageBytes: number;
}

/** The object being written: where its bytes of the current segment begin. */
interface OpenObject {
  entry: NewEntry;
  extents: Extent[];
  /** Offset in the file of the bytes in the current segment. */
  start: number;
  /** Offset in the current segment. */
  offset: number;
  length: number;
  /** Only an object that may go on in another segment needs checksums of its parts. */
  mayBeSplit: boolean;
  partCrc: number;
}

/** What a writer needs of its volume. */
export interface SegmentPlace {
  deviceDir: string;
  volumeId: string;
  jobKey: Buffer;
  publishPage(page: Page): void;
}

/**
 * Packs objects into segments. Small objects lie one behind the other, large ones go on in the next segment.
 * Commit order: segment, its folder, then its page. A segment without a page does not exist.
 */
export class SealedWriter implements VolumeWriter {
  readonly #place: SegmentPlace;
  readonly #nextNumber: () => number;
  readonly #frame = Buffer.allocUnsafeSlow(FRAME_BYTES);
  #segment: OpenSegment | undefined;
  #object: OpenObject | undefined;
  #rootSynced = false;

  constructor(place: SegmentPlace, nextNumber: () => number) {
    this.#place = place;
    this.#nextNumber = nextNumber;
  }

  begin(entry: NewEntry): void {
    invariant(!this.#object, 'one object at a time');
    const last = entry.parts.at(-1);
    const start = last ? last.start + lengthOf(last.extents) : 0;
    const extents = entry.parts.flatMap((part) => part.extents);
    const offset = this.#segment?.file.bytes ?? 0;
    const mayBeSplit = entry.bytes >= FRAME_BYTES || offset + entry.bytes > SEGMENT_BYTES_MAX;
    this.#object = { entry, extents, start, offset, length: 0, mayBeSplit, partCrc: 0 };
  }

  space(): Buffer {
    return onDevice(this.#place.deviceDir, () => {
      if (this.#segment?.file.bytes === SEGMENT_BYTES_MAX) this.#closeSegment();
      return this.#openSegment().file.space();
    });
  }

  advance(length: number): void {
    const segment = this.#segment;
    const object = this.#object;
    invariant(segment && object, 'advance follows space');
    if (object.mayBeSplit) {
      object.partCrc = crc32(segment.file.space().subarray(0, length), object.partCrc);
    }
    segment.file.advance(length);
    object.length += length;
  }

  end(bytes: number, checksums: Checksums): void {
    const object = this.#object;
    invariant(object, 'end follows begin');
    const { key, mode, mtimeNs, replaces } = object.entry;
    if (object.length > 0) object.extents.push(this.#extentOf(object));
    const kind = key.at(-1) === 0x2f ? 'directory' : 'file';
    this.#addRecord({
      ...{ kind, key, mode, mtimeNs, bytes, extents: object.extents, replaces },
      ...{ sha256: checksums.sha256, crc32: checksums.crc32, meta: undefined },
    });
    this.#object = undefined;
    const segment = this.#segment;
    if (segment && segment.pageBytes >= PAGE_BYTES_CLOSE) this.commit();
  }

  abandon(): void {
    this.#object = undefined;
  }

  suspend(): void {
    if (this.#object && this.#object.length >= FRAME_BYTES)
      onDevice(this.#place.deviceDir, () => this.#closeSegment());
    this.#object = undefined;
  }

  commit(): void {
    invariant(!this.#object, 'commit between objects');
    if (this.#segment) onDevice(this.#place.deviceDir, () => this.#closeSegment());
  }

  #addRecord(record: CatalogRecord): void {
    const segment = this.#openSegment();
    segment.records.push(record);
    segment.pageBytes += recordBytes(record);
  }

  #extentOf(object: OpenObject): Extent {
    invariant(this.#segment, 'bytes lie in a segment');
    return { segment: this.#segment.number, offset: object.offset, length: object.length };
  }

  #openSegment(): OpenSegment {
    if (this.#segment) return this.#segment;
    const { deviceDir, volumeId, jobKey } = this.#place;
    const number = this.#nextNumber();
    makeDir(deviceDir, segmentDir(number));
    const path = join(deviceDir, segmentPath(number));
    const fd = openSync(path, 'wx', 0o644);
    const file = new SealedFileWriter(
      fd,
      jobKey,
      { kind: 'segment', number, volumeId },
      this.#frame,
    );
    this.#segment = { number, fd, path, file, records: [], pageBytes: 0 };
    return this.#segment;
  }

  /** Keeps what the open object has in this segment as a part, so that neither this run nor a later one writes it twice. */
  #endPart(segment: OpenSegment): void {
    const object = this.#object;
    if (!object) return;
    if (object.length > 0) {
      const { key, mode, mtimeNs, bytes } = object.entry;
      const extent = this.#extentOf(object);
      object.extents.push(extent);
      segment.records.push({
        ...{ kind: 'part', key, mode, mtimeNs, bytes, extents: [extent] },
        ...{ start: object.start, crc32: object.partCrc },
      });
    }
    object.start += object.length;
    object.offset = 0;
    object.length = 0;
    object.partCrc = 0;
  }

  #closeSegment(): void {
    const segment = this.#segment;
    if (!segment) return;
    this.#endPart(segment);
    this.#segment = undefined;
    try {
      if (segment.records.length === 0) {
        rmSync(segment.path, { force: true });
        return;
      }
      const facts = segment.file.finish();
      fsyncSync(segment.fd);
      if (!this.#rootSynced) syncDir(join(this.#place.deviceDir, SEGMENTS_DIR));
      this.#rootSynced = true;
      syncDir(join(this.#place.deviceDir, segmentDir(segment.number)));
      this.#place.publishPage({ number: segment.number, segment: facts, records: segment.records });
    } finally {
      closeSync(segment.fd);
    }
  }
}

const lengthOf = (extents: Extent[]): number =>
  extents.reduce((sum, extent) => sum + extent.length, 0);
