import { WaybillError } from '../../domain/errors.ts';
import { pathProblem } from '../../domain/object-keys.ts';
import {
  KEY_BYTES_MAX,
  LAYOUT_1,
  SEGMENT_BYTES_MAX,
  SEGMENT_NUMBER_MAX,
  type VolumeLayout,
} from '../layout.ts';
import {
  isNearest,
  metaWithTime,
  NANOSECONDS_AT,
  timeAt,
  timeOfMeta,
  writeTime,
} from './record-times.ts';

/** A piece of an object's bytes: so many at an offset of a segment's plaintext; of segment 0, so many zeros. */
export interface Extent {
  segment: number;
  offset: number;
  length: number;
}

interface RecordBase {
  /** Any bytes. In the first format a relative path: `/` separates segments, none is empty, `.` or `..`. */
  key: Buffer;
  mode: number;
  /** Since 1970. File systems have seconds of up to 64 bits, so this may have more than 64. */
  mtimeNs: bigint;
  extents: Extent[];
}

/**
 * A file or an empty directory (key ends in `/`, no bytes) that is whole on the volume; `other` is of a kind that this
 * program does not know: it counts and can be proved, but not be restored.
 */
export interface ObjectRecord extends RecordBase {
  kind: 'file' | 'directory' | 'other';
  bytes: number;
  crc32: number;
  sha256: Buffer;
  /** It takes the place of an earlier record with this key. */
  replaces: boolean;
  /** Open-ended facts, JSON. */
  meta: Record<string, unknown> | undefined;
}

/** Part of a file whose end is not in this segment: what a resumed load need not write again. */
export interface PartRecord extends RecordBase {
  kind: 'part';
  /** Size of the whole file when it was read. */
  bytes: number;
  /** CRC-32 of this part's bytes. */
  crc32: number;
  /** Offset in the file at which this part starts. */
  start: number;
  /** It is none: no earlier record of its key counts any more, and nothing takes its place. */
  withdraws?: boolean;
}

export type CatalogRecord = ObjectRecord | PartRecord;

/** Later versions give other kinds numbers of their own; `other` is none that is written. */
const KIND = { file: 1, directory: 2, part: 3, other: 255 } as const;
const FLAG_REPLACES = 1;
export const EXTENT_BYTES = 20;

/** Bytes a record takes in a page, with its metadata. */
export function recordBytes(
  record: CatalogRecord,
  layout: VolumeLayout = LAYOUT_1,
  meta = metaOf(record, layout),
): number {
  const { key, extents } = record;
  return layout.recordBytes + key.length + extents.length * EXTENT_BYTES + meta.length;
}

const NO_META = Buffer.alloc(0);

/** The metadata of a record as it lies in a page. */
export function metaOf(record: CatalogRecord, layout: VolumeLayout): Buffer {
  if (record.kind === 'part') return NO_META;
  const meta = metaWithTime(record.meta, record.mtimeNs, layout);
  return meta ? Buffer.from(JSON.stringify(meta)) : NO_META;
}

/** Writes a record at an offset; returns the offset after it. */
export function encodeRecord(
  record: CatalogRecord,
  page: Buffer,
  at: number,
  layout: VolumeLayout = LAYOUT_1,
  meta = metaOf(record, layout),
): number {
  page.writeUInt8(KIND[record.kind], at);
  const replaces = record.kind === 'part' ? record.withdraws : record.replaces;
  page.writeUInt8(replaces ? FLAG_REPLACES : 0, at + 1);
  page.writeUInt16BE(record.key.length, at + 2);
  page.writeUInt32BE(record.mode, at + 4);
  writeSize(page, record.bytes, at + 8);
  writeTime(page, record.mtimeNs, at, layout);
  page.writeUInt32BE(record.crc32, at + 24);
  if (record.kind === 'part') writeSize(page.fill(0, at + 28, at + 60), record.start, at + 28);
  else record.sha256.copy(page, at + 28);
  page.writeUInt32BE(record.extents.length, at + 60);
  page.writeUInt32BE(meta.length, at + 64);
  const keyAt = at + layout.recordBytes;
  let next = keyAt + record.key.copy(page, keyAt);
  for (const extent of record.extents) {
    page.writeUInt32BE(extent.segment, next);
    writeSize(page, extent.offset, next + 4);
    writeSize(page, extent.length, next + 12);
    next += EXTENT_BYTES;
  }
  return next + meta.copy(page, next);
}

function writeSize(page: Buffer, value: number, at: number): void {
  page.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  page.writeUInt32BE(value % 2 ** 32, at + 4);
}

const bad = (detail: string): WaybillError =>
  new WaybillError('VolumeInvalid', { detail: `catalog: ${detail}` });

/** Where the pieces of a record lie, and what can be said of it without making an object. */
interface RecordSpan {
  kind: number;
  replaces: boolean;
  /** Size of the object, bytes. */
  bytes: number;
  keyAt: number;
  extentsAt: number;
  extentCount: number;
  metaAt: number;
  next: number;
}

/**
 * Looks at the record at an offset. The device is hostile until proven otherwise, so every length is checked
 * before it is used. Throws VolumeInvalid.
 */
function spanOf(page: Buffer, at: number, layout: VolumeLayout): RecordSpan {
  const { recordBytes: fixed, metaBytesMax } = layout;
  if (page.length - at < fixed) throw bad('a record is cut off');
  const keyLength = page.readUInt16BE(at + 2);
  const extentCount = page.readUInt32BE(at + 60);
  const metaLength = page.readUInt32BE(at + 64);
  const left = page.length - at - fixed - keyLength;
  if (keyLength === 0 || keyLength > KEY_BYTES_MAX || metaLength > metaBytesMax)
    throw bad('a length is wrong');
  if (layout.timeIsSplit && page.readUInt32BE(at + NANOSECONDS_AT) >= 1e9)
    throw bad('a time has a second and more of nanoseconds');
  if (left < metaLength || extentCount > (left - metaLength) / EXTENT_BYTES)
    throw bad('a record is cut off');
  const keyAt = at + fixed;
  const extentsAt = keyAt + keyLength;
  const metaAt = extentsAt + extentCount * EXTENT_BYTES;
  return {
    kind: page.readUInt8(at),
    replaces: (page.readUInt8(at + 1) & FLAG_REPLACES) !== 0,
    bytes: sizeAt(page, at + 8),
    keyAt,
    extentsAt,
    extentCount,
    metaAt,
    next: metaAt + metaLength,
  };
}

/**
 * Goes past a record. `object` is whether it is one (not a part), `replacing` its key in latin1 when earlier ones do
 * not count beside it. Throws VolumeInvalid.
 */
export function skipRecord(
  page: Buffer,
  at: number,
  layout: VolumeLayout,
): { object: boolean; bytes: number; replacing: string | undefined; next: number } {
  const { kind, replaces, bytes, keyAt, extentsAt, next } = spanOf(page, at, layout);
  const object = kind !== KIND.part;
  const replacing = replaces ? page.toString('latin1', keyAt, extentsAt) : undefined;
  return { object, bytes, replacing, next };
}

/** A record seen from outside: what an index needs of most, without the objects that reading them makes. */
export class RecordView {
  readonly page: Buffer;
  readonly isPart: boolean;
  readonly hasMeta: boolean;
  readonly bytes: number;
  /** Where the key lies in the page. */
  readonly keyAt: number;
  readonly keyEnd: number;
  readonly #at: number;
  readonly #extentCount: number;
  readonly #layout: VolumeLayout;

  constructor(page: Buffer, at: number, span: RecordSpan, layout: VolumeLayout) {
    this.page = page;
    this.isPart = span.kind === KIND.part;
    this.hasMeta = span.next > span.metaAt;
    this.bytes = span.bytes;
    this.keyAt = span.keyAt;
    this.keyEnd = span.extentsAt;
    this.#at = at;
    this.#extentCount = span.extentCount;
    this.#layout = layout;
  }

  /** Not every reader asks for it, and it costs a large number. */
  get mtimeNs(): bigint {
    const timeNs = timeAt(this.page, this.#at, this.#layout);
    return this.hasMeta && isNearest(timeNs, this.#layout) ? this.read().mtimeNs : timeNs;
  }

  /** Whether all of its bytes lie in these segments. */
  liesIn(segments: ReadonlySet<number>): boolean {
    for (let i = 0; i < this.#extentCount; i += 1) {
      const segment = this.page.readUInt32BE(this.keyEnd + i * EXTENT_BYTES);
      if (segment !== 0 && !segments.has(segment)) return false;
    }
    return true;
  }

  /** Throws VolumeInvalid. */
  read(): CatalogRecord {
    return decodeRecord(this.page, this.#at, this.#layout).item;
  }
}

/** Looks at the record at an offset. Throws VolumeInvalid. */
export function viewRecord(
  page: Buffer,
  at: number,
  layout: VolumeLayout,
): { item: RecordView; next: number } {
  const span = spanOf(page, at, layout);
  return { item: new RecordView(page, at, span, layout), next: span.next };
}

/** Reads the record at an offset; of an object, key and SHA-256 are views of the page. Throws VolumeInvalid. */
export function decodeRecord(
  page: Buffer,
  at: number,
  layout: VolumeLayout = LAYOUT_1,
): { item: CatalogRecord; next: number } {
  const span = spanOf(page, at, layout);
  const { replaces, bytes, keyAt, extentsAt, extentCount, metaAt, next } = span;
  const key = page.subarray(keyAt, extentsAt);
  const problem = layout.keysArePaths ? pathProblem(key) : undefined;
  if (problem) throw bad(`a key cannot be used: ${problem}`);
  const extents = decodeExtents(page, extentsAt, extentCount, layout);
  const mode = page.readUInt32BE(at + 4);
  const mtimeNs = timeAt(page, at, layout);
  const crc32 = page.readUInt32BE(at + 24);
  if (span.kind === KIND.part) {
    const start = sizeAt(page, at + 28);
    // Parts outlive their page in the index of a load.
    const own = Buffer.from(key);
    const part = { kind: 'part', key: own, mode, bytes, mtimeNs, crc32, extents, start } as const;
    return { item: replaces ? { ...part, withdraws: true } : part, next };
  }
  const meta = next > metaAt ? decodeMeta(page.subarray(metaAt, next)) : undefined;
  // Written out: with spread objects it took several times as long, and there may be millions.
  const record: ObjectRecord = {
    kind: kindOf(span.kind, key, bytes, layout),
    key,
    mode,
    bytes,
    mtimeNs: isNearest(mtimeNs, layout) ? (timeOfMeta(meta) ?? mtimeNs) : mtimeNs,
    crc32,
    sha256: page.subarray(at + 28, at + 60),
    extents,
    replaces,
    meta,
  };
  return { item: record, next };
}

/** Throws VolumeInvalid. */
function kindOf(
  kind: number,
  key: Buffer,
  bytes: number,
  { keysArePaths, isOpenEnded }: VolumeLayout,
): ObjectRecord['kind'] {
  const isDirectory = kind === KIND.directory;
  if (!isDirectory && kind !== KIND.file) {
    if (isOpenEnded && kind !== 0) return 'other';
    throw bad(`a record has the unknown kind ${kind}`);
  }
  const endsInSlash = key.at(-1) === 0x2f;
  // A store's object may have a name that ends in a slash, and bytes.
  const fits = isDirectory ? endsInSlash && bytes === 0 : !(endsInSlash && keysArePaths);
  if (!fits) throw bad('a directory and its key do not fit');
  return isDirectory ? 'directory' : 'file';
}

function decodeExtents(page: Buffer, at: number, count: number, layout: VolumeLayout): Extent[] {
  const extents: Extent[] = [];
  for (let i = 0; i < count; i += 1) {
    const from = at + i * EXTENT_BYTES;
    const extent = {
      segment: page.readUInt32BE(from),
      offset: sizeAt(page, from + 4),
      length: sizeAt(page, from + 12),
    };
    if (!isPossible(extent, layout)) throw bad('an extent lies outside any segment');
    extents.push(extent);
  }
  return extents;
}

function isPossible({ segment, offset, length }: Extent, { isOpenEnded }: VolumeLayout): boolean {
  if (segment === 0) return isOpenEnded && offset === 0;
  return segment <= SEGMENT_NUMBER_MAX && offset + length <= SEGMENT_BYTES_MAX;
}

function decodeMeta(bytes: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // falls through to the refusal
  }
  throw bad('meta is not a JSON object');
}

/** A 64-bit number that a double can hold. */
function sizeAt(page: Buffer, at: number): number {
  const value = page.readUInt32BE(at) * 2 ** 32 + page.readUInt32BE(at + 4);
  if (!Number.isSafeInteger(value)) throw bad('a number is too large');
  return value;
}
