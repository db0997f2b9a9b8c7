import { createHash } from 'node:crypto';
import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { LAYOUT_1, PAGE_RECORDS_MAX, type VolumeLayout } from '../layout.ts';
import {
  type CatalogRecord,
  decodeRecord,
  encodeRecord,
  metaOf,
  type RecordView,
  recordBytes,
  skipRecord,
  viewRecord,
} from './records.ts';

/** What a page says of its segment. In a bag there are no segments: all zero. */
export interface SegmentFacts {
  /** Plaintext bytes. */
  bytes: number;
  frames: number;
  /** SHA-256 over the segment's header and the tags of its frames. */
  digest: Buffer;
}

/** A catalog page: what became whole with segment `number`. */
export interface Page {
  number: number;
  segment: SegmentFacts;
  records: CatalogRecord[];
}

export const NO_SEGMENT: SegmentFacts = { bytes: 0, frames: 0, digest: Buffer.alloc(32) };

export const PAGE_HEADER_BYTES = 64;
const DIGEST_BYTES = 32;

const FIRST_BYTES = 64 * 1024;

/**
 * Builds a page record by record. Records are encoded as they come: eight thousand of them are 1 MiB here
 * and several times that as objects.
 */
export class PageBuilder {
  readonly #layout: VolumeLayout;
  #bytes = Buffer.alloc(FIRST_BYTES);
  #at = PAGE_HEADER_BYTES;
  #records = 0;

  constructor(layout: VolumeLayout) {
    this.#layout = layout;
  }

  get records(): number {
    return this.#records;
  }

  /** Size of the page so far. */
  get bytes(): number {
    return this.#at;
  }

  add(record: CatalogRecord): void {
    const meta = metaOf(record, this.#layout);
    this.#reserve(recordBytes(record, this.#layout, meta));
    this.#at = encodeRecord(record, this.#bytes, this.#at, this.#layout, meta);
    this.#records += 1;
  }

  /** The bytes of the page; the last 32 are the SHA-256 of all before them. They are valid until the next `add`. */
  finish(number: number, segment: SegmentFacts): Buffer {
    this.#reserve(DIGEST_BYTES);
    const size = this.#at;
    const bytes = this.#bytes.subarray(0, size + DIGEST_BYTES);
    this.#layout.pageMagic.copy(bytes, 0);
    bytes.writeUInt32BE(number, 8);
    bytes.writeUInt32BE(this.#records, 12);
    bytes.writeBigUInt64BE(BigInt(segment.bytes), 16);
    bytes.writeUInt32BE(segment.frames, 24);
    segment.digest.copy(bytes, 28);
    createHash('sha256').update(bytes.subarray(0, size)).digest().copy(bytes, size);
    return bytes;
  }

  /** Makes it an empty page again, whose memory is used anew. */
  clear(): void {
    this.#at = PAGE_HEADER_BYTES;
    this.#records = 0;
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#at + more));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

/** The bytes of a page. */
export function encodePage(page: Page, layout: VolumeLayout = LAYOUT_1): Buffer {
  const builder = new PageBuilder(layout);
  for (const record of page.records) builder.add(record);
  return builder.finish(page.number, page.segment);
}

/** A page in short. */
export interface PageSummary {
  number: number;
  segment: SegmentFacts;
  /** Files and empty directories, whether they have been replaced or not. */
  objects: number;
  bytes: number;
  /** Keys in latin1 whose earlier records are replaced, or withdrawn, by this page's. */
  replacing: string[];
}

/** Reads a page without making an object of every record. Throws VolumeInvalid. */
export function summarizePage(
  bytes: Buffer,
  number: number,
  layout: VolumeLayout = LAYOUT_1,
): PageSummary {
  const summary = { objects: 0, bytes: 0, replacing: [] as string[] };
  const { segment, body, count } = checkPage(bytes, number, layout);
  let at = PAGE_HEADER_BYTES;
  for (let i = 0; i < count; i += 1) {
    const record = skipRecord(body, at, layout);
    if (record.object) {
      summary.objects += 1;
      summary.bytes += record.bytes;
    }
    if (record.replacing !== undefined) summary.replacing.push(record.replacing);
    at = record.next;
  }
  checkEnd(at, body, number);
  return { number, segment, ...summary };
}

/** Reads a page. Throws VolumeInvalid. */
export function decodePage(bytes: Buffer, number: number, layout: VolumeLayout = LAYOUT_1): Page {
  const { segment, records } = openPage(bytes, number, layout);
  return { number, segment, records: [...records] };
}

/** A page whose records are read one at a time: as objects they take many times the page. */
export interface StreamedPage {
  number: number;
  segment: SegmentFacts;
  /** Can be gone through once. Throws what the page throws. */
  records: Iterable<CatalogRecord>;
}

/** A page on the device. */
export interface OpenPage extends StreamedPage {
  /** The same records, from outside. */
  recordViews: Iterable<RecordView>;
}

/** Opens a page. Throws VolumeInvalid, of its records when they are read. */
export function openPage(bytes: Buffer, number: number, layout: VolumeLayout = LAYOUT_1): OpenPage {
  const { segment, body, count } = checkPage(bytes, number, layout);
  const all = function* <T>(read: (at: number) => { item: T; next: number }): Generator<T> {
    let at = PAGE_HEADER_BYTES;
    for (let i = 0; i < count; i += 1) {
      const { item, next } = read(at);
      at = next;
      yield item;
    }
    checkEnd(at, body, number);
  };
  return {
    number,
    segment,
    records: all((at) => decodeRecord(body, at, layout)),
    recordViews: all((at) => viewRecord(body, at, layout)),
  };
}

/** A page whose errors, also those of its records, say that it is damaged. */
export function withPageErrors({ records, recordViews: glances, ...page }: OpenPage): OpenPage {
  return {
    ...page,
    records: damagedIn(records, page.number),
    recordViews: damagedIn(glances, page.number),
  };
}

function* damagedIn<T>(items: Iterable<T>, number: number): Generator<T> {
  try {
    yield* items;
  } catch (error) {
    if (!isWaybillError(error, 'VolumeInvalid')) throw error;
    throw new WaybillError('PageDamaged', { page: number }, { cause: error });
  }
}

const bad = (number: number, detail: string): WaybillError =>
  new WaybillError('VolumeInvalid', { detail: `page ${number} ${detail}` });

function checkEnd(at: number, body: Buffer, number: number): void {
  if (at !== body.length) throw bad(number, 'holds more than its records');
}

/** Where a page ends, by what it says of itself; more may follow. Throws VolumeInvalid. */
export function endOfPage(bytes: Buffer, layout: VolumeLayout): number {
  const count = bytes.length >= PAGE_HEADER_BYTES ? bytes.readUInt32BE(12) : PAGE_RECORDS_MAX + 1;
  if (count > PAGE_RECORDS_MAX || !bytes.subarray(0, 8).equals(layout.pageMagic))
    throw new WaybillError('VolumeInvalid', { detail: 'it is no page' });
  let at = PAGE_HEADER_BYTES;
  for (let i = 0; i < count; i += 1) at = skipRecord(bytes, at, layout).next;
  return at + DIGEST_BYTES;
}

/** Checks a page but for its records. `body` ends where they have to end. */
function checkPage(
  bytes: Buffer,
  number: number,
  layout: VolumeLayout,
): { segment: SegmentFacts; body: Buffer; count: number } {
  const size = bytes.length - DIGEST_BYTES;
  if (size < PAGE_HEADER_BYTES || !bytes.subarray(0, 8).equals(layout.pageMagic))
    throw bad(number, 'is no page');
  if (!createHash('sha256').update(bytes.subarray(0, size)).digest().equals(bytes.subarray(size))) {
    throw bad(number, 'does not match its digest');
  }
  if (bytes.readUInt32BE(8) !== number) throw bad(number, 'carries another number');
  const count = bytes.readUInt32BE(12);
  if (count > PAGE_RECORDS_MAX || count > (size - PAGE_HEADER_BYTES) / layout.recordBytes)
    throw bad(number, 'claims more records than it holds');
  const segment = {
    bytes: Number(bytes.readBigUInt64BE(16)),
    frames: bytes.readUInt32BE(24),
    digest: Buffer.from(bytes.subarray(28, 60)),
  };
  return { segment, body: bytes.subarray(0, size), count };
}
