import { invariant } from '../domain/invariant.ts';
import { MiB } from '../domain/sizes.ts';
import type { JobType, VolumeKind } from '../domain/words.ts';

/** Sizes and paths of the volume formats. FORMAT.md is the normative text. */

export const VOLUME_FORMATS = ['waybill-volume/1', 'waybill-volume/2'] as const;
export type VolumeFormat = (typeof VOLUME_FORMATS)[number];

/** In what the formats differ. */
export interface VolumeLayout {
  format: VolumeFormat;
  /** How a sealed file begins, and how a page does. */
  magic: Buffer;
  pageMagic: Buffer;
  /** Fixed part of a record; key, extents and metadata follow. */
  recordBytes: number;
  metaBytesMax: number;
  /** A key is a path that a directory can hold; else it is any bytes. */
  keysArePaths: boolean;
  /** A time is seconds, and nanoseconds at the end of the fixed part; else nanoseconds in 64 bits. */
  timeIsSplit: boolean;
  /** Pieces of zeros take no room in a segment, and there are objects of kinds that are not known yet. */
  isOpenEnded: boolean;
}

const text = (value: string): Buffer => Buffer.from(value, 'latin1');

export const VOLUME_LAYOUTS: Record<VolumeFormat, VolumeLayout> = {
  'waybill-volume/1': {
    format: 'waybill-volume/1',
    magic: text('WAYBILL1'),
    pageMagic: text('WBPAGE01'),
    recordBytes: 68,
    metaBytesMax: 64 * 1024,
    keysArePaths: true,
    timeIsSplit: false,
    isOpenEnded: false,
  },
  'waybill-volume/2': {
    format: 'waybill-volume/2',
    magic: text('WAYBILL2'),
    pageMagic: text('WBPAGE02'),
    recordBytes: 72,
    metaBytesMax: MiB,
    keysArePaths: false,
    timeIsSplit: true,
    isOpenEnded: true,
  },
};

/** The layout of bags, and of every volume before there was a second one. */
export const LAYOUT_1 = VOLUME_LAYOUTS['waybill-volume/1'];
export const LAYOUT_2 = VOLUME_LAYOUTS['waybill-volume/2'];

/**
 * The format that a new volume is written in. An export's keys come from a store, which may hold any; what a site
 * copies from a tree are paths, and an older agent may be the one that copies. BagIt knows paths only.
 */
export const newVolumeFormat = (job: { type: JobType; volumeKind: VolumeKind }): VolumeFormat =>
  job.type === 'export' && job.volumeKind === 'sealed' ? 'waybill-volume/2' : 'waybill-volume/1';

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
/** PATH_MAX of Linux, and four times what a store takes. */
export const KEY_BYTES_MAX = 4096;
/** Segments are numbered from 1; a folder holds 1,000 of them. */
export const SEGMENT_NUMBER_MAX = 999_999_999;
const SEGMENTS_PER_FOLDER = 1000;

invariant(SEGMENT_BYTES_MAX % FRAME_BYTES === 0, 'a full segment is whole frames');
invariant(PAGE_BYTES_CLOSE * 2 <= PAGE_BYTES_MAX, 'a page that closes late is still readable');
invariant(PAGE_BYTES_CLOSE / 69 < PAGE_RECORDS_MAX, 'a page closes before it has too many records');
invariant(KEY_BYTES_MAX < 2 ** 16, 'a key length fits its field');
for (const { metaBytesMax } of Object.values(VOLUME_LAYOUTS))
  invariant(metaBytesMax * 2 + PAGE_BYTES_CLOSE <= PAGE_BYTES_MAX, 'so is one with much metadata');

const six = (n: number): string => String(n).padStart(6, '0');

export const VOLUME_DIR = 'waybill';
export const LABEL_PATH = 'waybill/label.json';
export const LOCK_PATH = 'waybill/lock.json';
/** Where names are tried, before a bag is written: a folder that is removed again. */
export const NAME_TRIAL_PATH = `${VOLUME_DIR}/.tmp-names`;
export const SEGMENTS_DIR = 'waybill/segments';
export const CATALOG_DIR = 'waybill/catalog';
export const PARITY_DIR = 'waybill/parity';
export const FACTS_PATH = 'waybill/load.bin';
export const SEAL_PATH = 'waybill/seal.bin';
export const SIGNATURE_PATH = 'waybill/seal.cms';
/** There while a volume is reopened. */
export const REOPENED_PATH = 'waybill/reopened.json';

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
