import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import type { Page, PageSummary, StreamedPage } from '../catalog/page.ts';
import { readMeta } from '../catalog/record-metadata.ts';
import type { CatalogRecord, ObjectRecord, PartRecord } from '../catalog/records.ts';
import type { PageLine } from '../catalog/seal-lines.ts';
import { PAGE_RECORDS_MAX, SEGMENT_BYTES_MAX } from '../layout.ts';
import type { Volume } from '../volume.ts';
import { KeyTable } from './key-table.ts';
import { LoadedKeys, type ObjectState } from './loaded-keys.ts';

/** What a volume that is still being written holds: what a resumed load need not do again. */
export interface LoadedIndex {
  objects: number;
  bytes: number;
  /** Highest page number in use, also by what has been written since. */
  readonly lastNumber: number;
  /** The next number that is free. */
  nextNumber(): number;
  /** Pages that could not be read; they and their segments have been taken away. */
  dropped: number[];
  /**
   * Whether this very object (key, size, time), or all that was made of it, is whole on the volume; if not,
   * whether any record, current or not, has its key.
   */
  standing(object: ObjectState & { key: Buffer }): 'done' | 'older' | 'new';
  /** Whether there is any part under this key; saves looking closer at every object. */
  mayHaveParts(key: Buffer): boolean;
  /** Parts of an unfinished object from its first byte on, without a gap. */
  partsOf(object: ObjectState & { key: Buffer }): PartRecord[];
  /** Every object that counts, read once more. */
  again(): Iterable<ObjectRecord>;
}

/**
 * Reads every page of an unsealed volume. Pages that are damaged, or whose segment is not whole, are dropped:
 * their objects are still at the source and are copied again (with `keepDamaged` they stay where they are).
 * That no page can be read means the wrong key or the wrong device, and nothing is touched. Throws PageDamaged.
 */
export function indexForLoad(
  volume: Volume,
  options: { keepDamaged?: boolean; onRecord?: (record: ObjectRecord) => void } = {},
): LoadedIndex {
  const { usable, dropped, isLive, anyReplaced, objects } = readUsable(volume);
  if (!options.keepDamaged) for (const number of dropped) volume.dropPage(number);
  const known = new LoadedKeys(objects);
  const parts = new Map<string, PartRecord[]>();
  const totals = { objects: 0, bytes: 0 };
  // Most records say no more than that an object is there: they are not read any further.
  const readAll = anyReplaced || options.onRecord !== undefined;
  for (const number of usable) {
    for (const glance of volume.openPage(number).glances) {
      const { isPart, page, keyAt, keyEnd } = glance;
      const isWhole = glance.liesIn(usable);
      const record = isPart || glance.hasMeta || readAll ? glance.read() : undefined;
      if (record?.kind === 'part') {
        if (isWhole && !record.withdraws) {
          const name = record.key.toString('latin1');
          parts.set(name, [...(parts.get(name) ?? []), record]);
        }
        continue;
      }
      const counts = isWhole && (!record || isLive(number, record));
      // What was made of an object stands for the object; its parts came with it.
      const source = counts && record?.meta && readMeta(record)?.source;
      known.addRecord(page, keyAt, keyEnd, counts && !source ? glance : undefined);
      if (source) known.addDone(Buffer.from(source.key), source);
      if (!counts) continue;
      if (parts.size > 0) parts.delete(page.toString('latin1', keyAt, keyEnd));
      if (record) options.onRecord?.(record);
      totals.objects += 1;
      totals.bytes += glance.bytes;
    }
  }
  let lastNumber = Math.max(0, ...[...usable].slice(-1), ...dropped.slice(-1));
  return {
    ...totals,
    get lastNumber() {
      return lastNumber;
    },
    nextNumber: () => {
      lastNumber += 1;
      return lastNumber;
    },
    dropped,
    standing: (object) => known.standing(object.key, object),
    mayHaveParts: (key) => parts.size > 0 && parts.has(key.toString('latin1')),
    partsOf: (object) => contiguous(parts.get(object.key.toString('latin1')) ?? [], object),
    again: function* () {
      for (const number of usable)
        for (const record of liveOf(volume.openPage(number), isLive))
          if (record.extents.every(({ segment }) => segment === 0 || usable.has(segment)))
            yield record;
    },
  };
}

function readUsable(volume: Volume): {
  usable: Set<number>;
  dropped: number[];
  isLive: LiveFilter;
  anyReplaced: boolean;
  /** Files and directories of all pages, whether they count or not. */
  objects: number;
} {
  const numbers = volume.pageNumbers();
  const dropped = new Set<number>();
  const { isLive, replaced, pages } = liveRecords(volume, numbers, (number) => dropped.add(number));
  const [first] = dropped;
  if (first !== undefined && dropped.size === numbers.length)
    throw new WaybillError('PageDamaged', { page: first });
  for (const { number, segment } of pages) {
    // Only files of a bag are looked at one by one: the page is read again when they are asked for.
    const records = function* () {
      yield* liveOf(volume.openPage(number), isLive);
    };
    if (!volume.hasSegment({ number, segment, records: records() })) dropped.add(number);
  }
  const usable = new Set(numbers.filter((number) => !dropped.has(number)));
  const sorted = [...dropped].sort((a, b) => a - b);
  return {
    ...{ usable, dropped: sorted, isLive, objects: objectsIn(pages) },
    anyReplaced: replaced.length > 0,
  };
}

/** Files and directories of pages, whether they count or not: how many keys a table has to hold. */
const objectsIn = (pages: readonly PageSummary[]): number =>
  pages.reduce((sum, page) => sum + page.objects, 0);

/** The parts of the same state of a file, in order from byte 0. */
function contiguous(all: PartRecord[], object: ObjectState): PartRecord[] {
  const same = all.filter((part) => part.bytes === object.bytes && part.mtimeNs === object.mtimeNs);
  const chain: PartRecord[] = [];
  for (let at = 0; ; ) {
    const next = same.find((part) => part.start === at);
    if (!next) return chain;
    chain.push(next);
    at += lengthOf(next);
  }
}

/** Whether a record counts: not a part, and not replaced by a record of a later page. */
export type LiveFilter = (page: number, record: CatalogRecord) => record is ObjectRecord;

/** Which page has the last word on a key that has been written more than once: key in latin1, page number. */
export type Replaced = readonly (readonly [string, number])[];

/** The filter that a list of replaced keys stands for; the list crosses to threads, the filter cannot. */
export function liveFilter(replaced: Replaced): LiveFilter {
  const newest = new Map(replaced);
  return (page, record): record is ObjectRecord =>
    record.kind !== 'part' &&
    (newest.size === 0 || page >= (newest.get(record.key.toString('latin1')) ?? 0));
}

function* liveOf(page: StreamedPage, isLive: LiveFilter): Generator<ObjectRecord> {
  for (const record of page.records) if (isLive(page.number, record)) yield record;
}

/** A page with only the records that count. */
export function withLive(page: Page, isLive: LiveFilter): Page {
  return { ...page, records: page.records.filter((record) => isLive(page.number, record)) };
}

/** Positions of the file and directory records of a page that have been replaced. */
export function replacedIn(page: Page, isLive: LiveFilter): number[] {
  return page.records.flatMap((record, i) =>
    record.kind !== 'part' && !isLive(page.number, record) ? [i] : [],
  );
}

/** The records of a page that count, by the positions of those that the seal says do not. */
export function* countedIn(
  page: StreamedPage,
  replaced: readonly number[] = [],
): Generator<ObjectRecord> {
  const without = new Set(replaced);
  let i = 0;
  for (const record of page.records) {
    if (record.kind !== 'part' && !without.has(i)) yield record;
    i += 1;
  }
}

/** Goes over all pages for replaced keys; `pages` are those that could be read. Damaged pages are given to `onDamaged`; without it they throw PageDamaged. */
export function liveRecords(
  volume: Volume,
  numbers: readonly number[],
  onDamaged?: (number: number) => void,
): { isLive: LiveFilter; replaced: Replaced; pages: PageSummary[] } {
  const newest = new Map<string, number>();
  const pages: PageSummary[] = [];
  for (const number of numbers) {
    try {
      const page = volume.skimPage(number);
      for (const key of page.replacing) newest.set(key, number);
      pages.push(page);
    } catch (error) {
      if (!onDamaged || !isWaybillError(error, 'PageDamaged')) throw error;
      onDamaged(number);
    }
  }
  const replaced = [...newest];
  return { isLive: liveFilter(replaced), replaced, pages };
}

/** Every object of an unsealed volume that counts. Throws PageDamaged. */
export function* liveObjects(volume: Volume): Generator<ObjectRecord> {
  const numbers = volume.pageNumbers();
  const { isLive } = liveRecords(volume, numbers);
  for (const number of numbers) yield* liveOf(volume.openPage(number), isLive);
}

/**
 * Goes over all pages of a finished volume and checks what only all of them together can show: no key twice,
 * every object as large as its extents, no more bytes than the segments hold. Memory is bounded by 32 bytes
 * an object. Throws PageDamaged, VolumeInvalid.
 */
export function indexForUnload(
  volume: Volume,
  numbers: readonly number[],
): { objects: number; bytes: number; isLive: LiveFilter } {
  const { isLive, pages } = liveRecords(volume, numbers);
  const totals = new CatalogTotals(volume.kind, objectsIn(pages));
  for (const number of numbers) {
    const page = volume.openPage(number);
    totals.add(page, liveOf(page, isLive));
  }
  totals.checkRoom();
  return { objects: totals.objects, bytes: totals.bytes, isLive };
}

/**
 * The same for pages that the seal names. Which records count is what the seal says: a page that is lost may have
 * replaced objects of others, and their old bytes must not be taken for the newest. Damaged pages are
 * added to `damaged`. Throws VolumeInvalid.
 */
export function indexSealed(
  volume: Volume,
  seal: { objects: number; bytes: number; pages: readonly PageLine[] },
  damaged: Set<number>,
): void {
  // However many a seal claims, so many records is all that its pages can hold.
  const expected = Math.min(seal.objects, seal.pages.length * PAGE_RECORDS_MAX);
  const totals = new CatalogTotals(volume.kind, expected);
  for (const { page: number, replaced } of seal.pages) {
    if (damaged.has(number)) continue;
    try {
      const page = volume.openPage(number);
      totals.add(page, countedIn(page, replaced));
    } catch (error) {
      if (!isWaybillError(error, 'PageDamaged')) throw error;
      damaged.add(number);
    }
  }
  const whole = damaged.size === 0;
  const { objects, bytes } = totals;
  if (
    whole
      ? objects !== seal.objects || bytes !== seal.bytes
      : objects > seal.objects || bytes > seal.bytes
  )
    throw invalid('the catalog holds other objects than the seal says');
  totals.checkRoom(damaged.size);
}

/** Objects and bytes of a catalog. */
class CatalogTotals {
  objects = 0;
  bytes = 0;
  #room = 0;
  /** Of the bytes, those that are zeros and take none of the room. */
  #holes = 0;
  readonly #keys: KeyTable;
  readonly #kind: Volume['kind'];

  constructor(kind: Volume['kind'], expected: number) {
    this.#kind = kind;
    this.#keys = new KeyTable(expected);
  }

  add(page: StreamedPage, records: Iterable<CatalogRecord>): void {
    this.#room += Math.min(page.segment.bytes, SEGMENT_BYTES_MAX);
    for (const record of records) {
      if (!this.#keys.add(record.key)) throw invalid('two objects have one key');
      this.objects += 1;
      this.bytes += record.bytes;
      for (const { segment, length } of record.extents) if (segment === 0) this.#holes += length;
      if (this.#kind === 'sealed' && lengthOf(record) !== record.bytes)
        throw invalid('an object and its extents differ in size');
    }
  }

  /** Else a small device could claim to hold petabytes by naming the same bytes again and again. */
  checkRoom(pagesLost = 0): void {
    const room = this.#room + pagesLost * SEGMENT_BYTES_MAX;
    if (this.#kind === 'sealed' && this.bytes - this.#holes > room)
      throw invalid('the objects are larger than the segments');
  }
}

const invalid = (detail: string): WaybillError => new WaybillError('VolumeInvalid', { detail });

const lengthOf = (record: CatalogRecord): number =>
  record.extents.reduce((sum, extent) => sum + extent.length, 0);
