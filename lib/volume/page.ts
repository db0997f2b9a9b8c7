import { createHash } from 'node:crypto';
import { WaybillError } from '../domain/errors.ts';
import {
  type CatalogRecord,
  decodeRecord,
  encodeRecord,
  RECORD_BYTES,
  recordBytes,
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

const PAGE_MAGIC = Buffer.from('WBPAGE01', 'latin1');
export const PAGE_HEADER_BYTES = 64;
const DIGEST_BYTES = 32;

/** The bytes of a page. The last 32 are the SHA-256 of all before them. */
export function encodePage(page: Page): Buffer {
  const size = page.records.reduce((sum, record) => sum + recordBytes(record), PAGE_HEADER_BYTES);
  const bytes = Buffer.alloc(size + DIGEST_BYTES);
  PAGE_MAGIC.copy(bytes, 0);
  bytes.writeUInt32BE(page.number, 8);
  bytes.writeUInt32BE(page.records.length, 12);
  bytes.writeBigUInt64BE(BigInt(page.segment.bytes), 16);
  bytes.writeUInt32BE(page.segment.frames, 24);
  page.segment.digest.copy(bytes, 28);
  let at = PAGE_HEADER_BYTES;
  for (const record of page.records) at = encodeRecord(record, bytes, at);
  createHash('sha256').update(bytes.subarray(0, size)).digest().copy(bytes, size);
  return bytes;
}

/** Reads a page. Throws VolumeInvalid. */
export function decodePage(bytes: Buffer, number: number): Page {
  const bad = (detail: string) =>
    new WaybillError('VolumeInvalid', { detail: `page ${number} ${detail}` });
  const size = bytes.length - DIGEST_BYTES;
  if (size < PAGE_HEADER_BYTES || !bytes.subarray(0, 8).equals(PAGE_MAGIC)) throw bad('is no page');
  if (!createHash('sha256').update(bytes.subarray(0, size)).digest().equals(bytes.subarray(size))) {
    throw bad('does not match its digest');
  }
  if (bytes.readUInt32BE(8) !== number) throw bad('carries another number');
  const count = bytes.readUInt32BE(12);
  if (count > (size - PAGE_HEADER_BYTES) / RECORD_BYTES)
    throw bad('claims more records than it holds');
  const records: CatalogRecord[] = [];
  let at = PAGE_HEADER_BYTES;
  const body = bytes.subarray(0, size);
  for (let i = 0; i < count; i += 1) {
    const { record, next } = decodeRecord(body, at);
    records.push(record);
    at = next;
  }
  if (at !== size) throw bad('holds more than its records');
  return {
    number,
    segment: {
      bytes: Number(bytes.readBigUInt64BE(16)),
      frames: bytes.readUInt32BE(24),
      digest: Buffer.from(bytes.subarray(28, 60)),
    },
    records,
  };
}
