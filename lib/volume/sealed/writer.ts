import { closeSync, fsyncSync } from 'node:fs';
import { invariant } from '../../domain/invariant.ts';
import type { DeviceFiles } from '../../files/device.ts';
import { onDevice } from '../../files/durable.ts';
import { WriteBack } from '../../stores/directory/write-back.ts';
import { PageBuilder } from '../catalog/page.ts';
import type { Extent, ObjectRecord } from '../catalog/records.ts';
import type { FrameBuffers } from '../frame-buffers.ts';
import {
  FRAME_BYTES,
  PAGE_BYTES_CLOSE,
  SEGMENT_BYTES_MAX,
  SEGMENTS_DIR,
  segmentDir,
  segmentPath,
  type VolumeLayout,
} from '../layout.ts';
import type { Checksums, GroupWriter, NewEntry, VolumeWriter } from '../volume.ts';
import { SealedFileWriter } from './sealed-file.ts';

interface OpenSegment {
  number: number;
  fd: number;
  path: string;
  file: SealedFileWriter;
  writeBack: WriteBack;
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
}

/** An object that is whole, and that no page names yet. */
interface HeldObject {
  record: ObjectRecord;
  /** Its bytes in the open segment; a page with them is needed when that closes. */
  tail: { extent: Extent; start: number; crc32: number } | undefined;
}

/** What a writer needs of its volume. */
export interface SegmentPlace {
  device: DeviceFiles;
  volumeId: string;
  layout: VolumeLayout;
  jobKey: Buffer;
  publishPage(number: number, page: Buffer): void;
}

/**
 * Packs objects into segments. Small objects lie one behind the other, large ones go on in the next segment.
 * Commit order: segment, its folder, then its page. A segment without a page does not exist.
 */
export class SealedWriter implements VolumeWriter, GroupWriter {
  readonly groups = this;
  readonly #place: SegmentPlace;
  readonly #nextNumber: () => number;
  readonly #frames: FrameBuffers;
  /** The page of the open segment. */
  readonly #page: PageBuilder;
  #segment: OpenSegment | undefined;
  #object: OpenObject | undefined;
  #held: HeldObject[] = [];
  #rootSynced = false;

  constructor(place: SegmentPlace, nextNumber: () => number, frames: FrameBuffers) {
    this.#place = place;
    this.#page = new PageBuilder(place.layout);
    this.#nextNumber = nextNumber;
    this.#frames = frames;
  }

  begin(entry: NewEntry): void {
    invariant(!this.#object, 'one object at a time');
    const last = entry.parts.at(-1);
    const start = last ? last.start + lengthOf(last.extents) : 0;
    const extents = last ? entry.parts.flatMap((part) => part.extents) : [];
    const offset = this.#segment?.file.bytes ?? 0;
    this.#object = { entry, extents, start, offset, length: 0 };
  }

  space(): Buffer {
    return onDevice(this.#place.device.root, () => {
      if (this.#segment?.file.bytes === SEGMENT_BYTES_MAX) this.#closeSegment();
      return this.#openSegment().file.space();
    });
  }

  advance(length: number): void {
    const segment = this.#segment;
    const object = this.#object;
    invariant(segment && object, 'advance follows space');
    segment.file.advance(length);
    segment.writeBack.wrote(length);
    object.length += length;
  }

  end(bytes: number, checksums: Checksums, meta?: Record<string, unknown>): void {
    const object = this.#object;
    invariant(object, 'end follows begin');
    if (object.length > 0) object.extents.push(this.#extentOf(object));
    if (!this.#segment) onDevice(this.#place.device.root, () => this.#openSegment());
    this.#page.add(recordOf(object, bytes, checksums, meta));
    this.#object = undefined;
    if (this.#page.bytes >= PAGE_BYTES_CLOSE) this.commit();
  }

  stage(bytes: number, finish: () => Checksums): void {
    const object = this.#object;
    invariant(object, 'hold follows begin');
    const { start, entry } = object;
    const tail = object.length > 0 ? { extent: this.#extentOf(object), start } : undefined;
    if (tail) object.extents.push(tail.extent);
    const held = tail && { ...tail, crc32: entry.endPart() };
    this.#held.push({ record: recordOf(object, bytes, finish()), tail: held });
    this.#object = undefined;
  }

  commitStaged(meta: readonly Record<string, unknown>[]): void {
    invariant(!this.#object, 'release between objects');
    if (this.#held.length === 0) return;
    onDevice(this.#place.device.root, () => this.#openSegment());
    for (const [i, { record }] of this.#held.entries())
      this.#page.add({ ...record, meta: meta[i] });
    this.#held = [];
    if (this.#page.bytes >= PAGE_BYTES_CLOSE) this.commit();
  }

  discardStaged(): void {
    this.#held = [];
  }

  withdraw(key: Buffer): void {
    invariant(!this.#object, 'withdraw between objects');
    onDevice(this.#place.device.root, () => this.#openSegment());
    const nothing = { mode: 0, mtimeNs: 0n, bytes: 0, extents: [], start: 0, crc32: 0 };
    this.#page.add({ kind: 'part', key, ...nothing, withdraws: true });
    if (this.#page.bytes >= PAGE_BYTES_CLOSE) this.commit();
  }

  abandon(): void {
    this.#object = undefined;
  }

  suspend(): void {
    if (this.#object && this.#object.length >= FRAME_BYTES)
      onDevice(this.#place.device.root, () => this.#closeSegment());
    this.#object = undefined;
  }

  commit(): void {
    invariant(!this.#object, 'commit between objects');
    if (this.#segment) onDevice(this.#place.device.root, () => this.#closeSegment());
  }

  #extentOf(object: OpenObject): Extent {
    invariant(this.#segment, 'bytes lie in a segment');
    return { segment: this.#segment.number, offset: object.offset, length: object.length };
  }

  #openSegment(): OpenSegment {
    if (this.#segment) return this.#segment;
    const { device, volumeId, layout, jobKey } = this.#place;
    const number = this.#nextNumber();
    device.makeFolder(segmentDir(number));
    const path = segmentPath(number);
    const fd = device.create(path);
    const id = { format: layout.format, kind: 'segment', number, volumeId } as const;
    const file = new SealedFileWriter(fd, jobKey, id, this.#frames);
    this.#segment = { number, fd, path, file, writeBack: new WriteBack(device.pathOf(fd, path)) };
    return this.#segment;
  }

  /** Keeps what the open object has in this segment as a part, so that neither this run nor a later one writes it twice. */
  #endPart(): void {
    const object = this.#object;
    if (!object) return;
    if (object.length > 0) {
      const { key, mode, mtimeNs, bytes } = object.entry;
      const extent = this.#extentOf(object);
      object.extents.push(extent);
      this.#page.add({
        kind: 'part',
        key,
        mode,
        mtimeNs,
        bytes,
        extents: [extent],
        start: object.start,
        crc32: object.entry.endPart(),
      });
    }
    object.start += object.length;
    object.offset = 0;
    object.length = 0;
  }

  /** A page has to say what the segment holds of objects that a later page will name. */
  #endHeld(): void {
    for (const held of this.#held) {
      if (!held.tail) continue;
      const { key, mode, mtimeNs, bytes } = held.record;
      const { extent, start, crc32 } = held.tail;
      this.#page.add({
        kind: 'part',
        key,
        mode,
        mtimeNs,
        bytes,
        extents: [extent],
        start,
        crc32,
      });
      held.tail = undefined;
    }
  }

  #closeSegment(): void {
    const segment = this.#segment;
    if (!segment) return;
    this.#endHeld();
    this.#endPart();
    this.#segment = undefined;
    try {
      if (this.#page.records === 0) {
        this.#place.device.remove(segment.path);
        return;
      }
      const facts = segment.file.finish();
      fsyncSync(segment.fd);
      if (!this.#rootSynced) this.#place.device.syncFolder(SEGMENTS_DIR);
      this.#rootSynced = true;
      this.#place.device.syncFolder(segmentDir(segment.number));
      this.#place.publishPage(segment.number, this.#page.finish(segment.number, facts));
    } finally {
      this.#page.clear();
      segment.writeBack.close();
      closeSync(segment.fd);
    }
  }
}

/** Written out: records are made by the million. */
function recordOf(
  { entry, extents }: OpenObject,
  bytes: number,
  { sha256, crc32 }: Checksums,
  meta?: Record<string, unknown>,
): ObjectRecord {
  const { key, mode, mtimeNs, replaces } = entry;
  return {
    // A store may have bytes under such a name, too.
    kind: key.at(-1) === 0x2f && bytes === 0 ? 'directory' : 'file',
    key,
    mode,
    bytes,
    mtimeNs,
    crc32,
    sha256,
    extents,
    replaces,
    meta,
  };
}

const lengthOf = (extents: Extent[]): number =>
  extents.reduce((sum, extent) => sum + extent.length, 0);
