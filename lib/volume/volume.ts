import type { VolumeKind } from '../domain/words.ts';
import type { OpenPage, Page, PageSummary, StreamedPage } from './catalog/page.ts';
import type { ObjectRecord, PartRecord } from './catalog/records.ts';
import type { FrameBuffers } from './frame-buffers.ts';
import type { Label } from './label.ts';

/** Where a volume is and what opens it. Plain data: it crosses to worker threads. */
export interface VolumeSpec {
  deviceDir: string;
  label: Label;
  /** 32 bytes; null for a bag. */
  jobKey: Uint8Array | null;
}

/** An object about to be loaded. */
export interface NewEntry {
  key: Buffer;
  mode: number;
  mtimeNs: bigint;
  /** Size expected, bytes. */
  bytes: number;
  /** An earlier record of the volume has this key. */
  replaces: boolean;
  /** Parts of it that are on the volume already, in order and without a gap from its first byte. */
  parts: PartRecord[];
  /** CRC-32 of the object's bytes since the last call, or since its first new byte. */
  endPart(): number;
}

/** Checksums of an object's bytes. */
export interface Checksums {
  sha256: Buffer;
  crc32: number;
}

/** Objects that are to be on the volume together, or not at all. */
export interface GroupWriter {
  /** The object that was begun is whole, and held: nothing refers to it yet. */
  stage(bytes: number, finish: () => Checksums): void;
  /** What is held is on the volume from now on, each object with its metadata. One page names them all. */
  commitStaged(meta: readonly Record<string, unknown>[]): void;
  /** Nothing will refer to what is held. */
  discardStaged(): void;
  /** No record of this key in an earlier page counts any more. */
  withdraw(key: Buffer): void;
}

/** Writes objects, one after another. One writer a thread. */
export interface VolumeWriter {
  /** Undefined in a bag, whose jobs make nothing of objects. */
  readonly groups: GroupWriter | undefined;
  begin(entry: NewEntry): void;
  /** Room for the object's next bytes, at least one: fill it, then `advance`. */
  space(): Buffer;
  advance(length: number): void;
  /** The object is whole. It is durable once `commit` returned or its segment closed. */
  end(bytes: number, checksums: Checksums, meta?: Record<string, unknown>): void;
  /** The object cannot be finished; nothing will refer to what was written of it. */
  abandon(): void;
  /** Like `abandon`, but keeps what a later run can use of a large object. */
  suspend(): void;
  /** Makes everything that ended durable. */
  commit(): void;
}

/** A damaged range of a segment's plaintext, or of one file of a bag. */
export interface Damage {
  segment: number;
  /** Offsets in plaintext, bytes. */
  from: number;
  to: number;
  /** Offset in the file on the device, for the person who looks at the disk. */
  fileOffset: number;
  /** The one object hit (bag only). */
  key?: Buffer;
}

/** Reads objects' bytes. One reader a thread. */
export interface VolumeReader {
  /**
   * Gives an object's bytes in order. A chunk is valid during the call only, or, with `frames`, until its frame
   * is given out again. Throws FrameDamaged, VolumeInvalid.
   */
  read(
    record: ObjectRecord,
    onChunk: (chunk: Buffer) => void | Promise<void>,
    frames?: FrameBuffers,
  ): Promise<void>;
  close(): void;
}

export type Probed = 'sound' | 'damaged' | 'missing';

export interface PageFile {
  /** Hex. */
  digest: string;
  bytes: number;
}

/** The two formats behind one interface. All methods are synchronous: they run in worker threads. */
export interface Volume {
  readonly kind: VolumeKind;
  /** Numbers of the catalog pages, ascending. */
  pageNumbers(): number[];
  /** Throws PageDamaged. */
  readPage(number: number): Page;
  /** A page whose records come one at a time. Throws PageDamaged, also while they come. */
  openPage(number: number): OpenPage;
  /** A page in short, which costs little. Throws PageDamaged. */
  summarizePage(number: number): PageSummary;
  /** SHA-256 and length of the page's file, without what lies behind its end. Throws PageDamaged. */
  pageFile(number: number): PageFile;
  /** Whether the page's file is the one that has this digest, or that one with bytes behind its end. */
  comparePage(number: number, digest: string): 'same' | 'longer' | 'other';
  /** `frames` is where the objects' bytes lie until they are written. */
  writer(nextNumber: () => number, frames?: FrameBuffers): VolumeWriter;
  reader(): VolumeReader;
  /** Reads what a page describes back from the device. Returns what is damaged. */
  check(page: Page, onBytes: (bytes: number) => void): Damage[];
  /** Reads a segment back whose page is lost: objects of other pages may lie in it, too. A bag has none. */
  checkSegment(number: number): Damage[];
  /** Whether page and segment are there, as long as they should be, without reading the segment. */
  hasSegment(page: StreamedPage): boolean;
  /**
   * Looks whether what a page describes is there, as long as it should be, and whether so many pieces of it, chosen at
   * random, are right. Without the page, which is damaged, only whether there is anything.
   */
  probe(number: number, page: StreamedPage | undefined, pieces: number): Probed;
  /** Cuts off what lies behind the ends of a page and its segment, durably. Returns the paths. */
  trim(number: number): string[];
  /** Takes a page and its segment away. */
  dropPage(number: number): void;
  /** Removes what no page refers to: segments in flight, temporary files. */
  cleanUp(): void;
  /** The load's facts: JSON Lines. Undefined when there are none. */
  readFacts(): Buffer | undefined;
  writeFacts(content: Buffer): void;
  /** The seal's body, JSON Lines, from the bytes of its file. Throws VolumeInvalid. */
  openSealBody(sealed: Buffer): Buffer;
  /** Writes what must be there before the seal, and the seal itself; returns the seal file's bytes, to be signed. */
  writeSealBody(content: Buffer, pages: Iterable<Page>): Buffer;
  /** Bytes that so many objects of so many bytes take on the device. */
  bytesNeeded(objects: number, bytes: number): number;
}
