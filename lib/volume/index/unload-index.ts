import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import type { StreamedPage } from '../catalog/page.ts';
import type { CatalogRecord } from '../catalog/records.ts';
import type { PageLine } from '../catalog/seal-lines.ts';
import { PAGE_RECORDS_MAX, SEGMENT_BYTES_MAX } from '../layout.ts';
import type { Volume } from '../volume.ts';
import { KeyTable } from './key-table.ts';
import {
  countedIn,
  type LiveFilter,
  lengthOf,
  liveOf,
  liveRecords,
  objectsIn,
} from './live-records.ts';

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
