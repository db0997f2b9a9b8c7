import { isWaybillError } from '../../domain/errors.ts';
import type { Page, PageSummary, StreamedPage } from '../catalog/page.ts';
import type { CatalogRecord, ObjectRecord } from '../catalog/records.ts';
import type { Volume } from '../volume.ts';

/** Files and directories of pages, whether they count or not: how many keys a table has to hold. */
export const objectsIn = (pages: readonly PageSummary[]): number =>
  pages.reduce((sum, page) => sum + page.objects, 0);

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

export function* liveOf(page: StreamedPage, isLive: LiveFilter): Generator<ObjectRecord> {
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
      const page = volume.summarizePage(number);
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

export const lengthOf = (record: CatalogRecord): number =>
  record.extents.reduce((sum, extent) => sum + extent.length, 0);
