import { invariant } from '../domain/invariant.ts';
import { MiB } from '../domain/sizes.ts';

/** Sizes and paths of the volume format "waybill-volume/1". FORMAT.md is the normative text. */

export const VOLUME_FORMAT = 'waybill-volume/1';
export const MAGIC = Buffer.from('WAYBILL1', 'latin1');

/** What a sealed file holds; part of its header and so of its key. */
export const FILE_KIND = { segment: 1, page: 2, seal: 3, facts: 4 } as const;
export type FileKind = keyof typeof FILE_KIND;

export const HEADER_BYTES = 64;
export const SALT_BYTES = 32;
export const TAG_BYTES = 16;
export const NONCE_BYTES = 12;
export const KEY_BYTES = 32;
export const FRAME_LOG2 = 20;
/** Plaintext bytes of every frame but the last of a file. */
export const FRAME_BYTES = 2 ** FRAME_LOG2;
export const SEALED_FRAME_BYTES = FRAME_BYTES + TAG_BYTES;

/** Plaintext a segment holds at most. */
export const SEGMENT_BYTES_MAX = 256 * MiB;
/** A writer closes a page (and its segment) at this size; a reader, who holds one in memory, refuses larger pages. */
export const PAGE_BYTES_CLOSE = MiB;
export const PAGE_BYTES_MAX = 16 * MiB;
/** More of the smallest records than fit in a page that closes in time. */
export const PAGE_RECORDS_MAX = 2 ** 17;
export const SEAL_BYTES_MAX = 512 * MiB;
export const LABEL_BYTES_MAX = 16 * 1024;
export const META_BYTES_MAX = 64 * 1024;
/** PATH_MAX of Linux; a longer key cannot come from, nor go to, a file system. */
export const KEY_BYTES_MAX = 4096;
/** Segments are numbered from 1; a folder holds 1,000 of them. */
export const SEGMENT_NUMBER_MAX = 999_999_999;
const SEGMENTS_PER_FOLDER = 1000;

invariant(SEGMENT_BYTES_MAX % FRAME_BYTES === 0, 'a full segment is whole frames');
invariant(PAGE_BYTES_CLOSE * 2 <= PAGE_BYTES_MAX, 'a page that closes late is still readable');
invariant(PAGE_BYTES_CLOSE / 69 < PAGE_RECORDS_MAX, 'a page closes before it has too many records');
invariant(KEY_BYTES_MAX < 2 ** 16, 'a key length fits its field');

const six = (n: number): string => String(n).padStart(6, '0');

export const VOLUME_DIR = 'waybill';
export const LABEL_PATH = 'waybill/label.json';
export const LOCK_PATH = 'waybill/lock.json';
export const SEGMENTS_DIR = 'waybill/segments';
export const CATALOG_DIR = 'waybill/catalog';
export const PARITY_DIR = 'waybill/parity';
export const FACTS_PATH = 'waybill/load.bin';
export const SEAL_PATH = 'waybill/seal.bin';
export const SIGNATURE_PATH = 'waybill/seal.cms';

/** "000001" → its folder, relative to the device. */
export const segmentDir = (n: number): string =>
  `${SEGMENTS_DIR}/${six(Math.floor(n / SEGMENTS_PER_FOLDER))}`;
export const segmentPath = (n: number): string => `${segmentDir(n)}/${six(n)}.seg`;
export const pagePath = (n: number): string => `${CATALOG_DIR}/${six(n)}.cat`;

/** Parity shard `shard` (from 0) of set `set` (from 1). */
export const parityPath = (set: number, shard: number): string =>
  `${PARITY_DIR}/${six(set)}-${shard}.par`;

/** The number in "000001.seg" or "000001.cat"; undefined for any other name. */
export function numberOf(name: string, extension: 'seg' | 'cat'): number | undefined {
  const match = /^(\d{6,9})\.(seg|cat)$/.exec(name);
  const n = Number(match?.[1]);
  return match?.[2] === extension && n >= 1 && n <= SEGMENT_NUMBER_MAX ? n : undefined;
}
