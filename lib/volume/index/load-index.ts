import { WaybillError } from '../../domain/errors.ts';
import { readMeta } from '../catalog/record-metadata.ts';
import { nearestTime } from '../catalog/record-times.ts';
import type { ObjectRecord, PartRecord } from '../catalog/records.ts';
import type { Volume } from '../volume.ts';
import { type LiveFilter, lengthOf, liveOf, liveRecords, objectsIn } from './live-records.ts';
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
  statusOf(object: ObjectState & { key: Buffer }): 'loaded' | 'outdated' | 'new';
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
    for (const view of volume.openPage(number).recordViews) {
      const { isPart, page, keyAt, keyEnd } = view;
      const isWhole = view.liesIn(usable);
      const record = isPart || view.hasMeta || readAll ? view.read() : undefined;
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
      known.addRecord(page, keyAt, keyEnd, counts && !source ? view : undefined);
      if (source) known.addDone(Buffer.from(source.key), source);
      if (!counts) continue;
      if (parts.size > 0) parts.delete(page.toString('latin1', keyAt, keyEnd));
      if (record) options.onRecord?.(record);
      totals.objects += 1;
      totals.bytes += view.bytes;
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
    statusOf: (object) => known.statusOf(object.key, object),
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
    usable,
    dropped: sorted,
    isLive,
    objects: objectsIn(pages),
    anyReplaced: replaced.length > 0,
  };
}

/** The parts of the same state of a file, in order from byte 0. */
function contiguous(all: PartRecord[], object: ObjectState): PartRecord[] {
  // A part of the first format has no more than the nearest time; its bytes are compared anyway.
  const timeNs = nearestTime(object.mtimeNs);
  const same = all.filter(
    (part) => part.bytes === object.bytes && nearestTime(part.mtimeNs) === timeNs,
  );
  const chain: PartRecord[] = [];
  for (let at = 0; ; ) {
    const next = same.find((part) => part.start === at);
    if (!next) return chain;
    chain.push(next);
    at += lengthOf(next);
  }
}
