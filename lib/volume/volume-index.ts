import { isWaybillError, WaybillError } from '../domain/errors.ts';
import { KeyTable } from './key-table.ts';
import type { Page } from './page.ts';
import type { CatalogRecord, ObjectRecord, PartRecord } from './records.ts';
import type { Volume } from './volume.ts';

/** What a volume that is still being written holds: what a resumed load need not do again. */
export interface LoadedIndex {
  objects: number;
  bytes: number;
  /** Highest page number in use. */
  lastNumber: number;
  /** Pages that could not be read; they and their segments have been taken away. */
  dropped: number[];
  /** Whether this very object (key, size, time) is whole on the volume. */
  isDone(object: { key: Buffer; bytes: number; mtimeNs: bigint }): boolean;
  /** Whether any record, current or not, has this key. */
  hasKey(key: Buffer): boolean;
  /** Whether there is any part under this key; saves looking closer at every object. */
  mayHaveParts(key: Buffer): boolean;
  /** Parts of an unfinished object from its first byte on, without a gap. */
  partsOf(object: { key: Buffer; bytes: number; mtimeNs: bigint }): PartRecord[];
}

function identity(object: { bytes: number; mtimeNs: bigint }): Buffer {
  const bytes = Buffer.alloc(17);
  bytes.writeDoubleBE(object.bytes, 1);
  bytes.writeBigInt64BE(object.mtimeNs, 9);
  return bytes;
}

/**
 * Reads every page of an unsealed volume. Pages that are damaged, or whose segment is not whole, are dropped:
 * their objects are still at the source and are copied again (with `keepDamaged` they stay where they are). That all pages fail means the wrong key or the
 * wrong device, and nothing is touched. Throws PageDamaged.
 */
export function indexForLoad(volume: Volume, options: { keepDamaged?: boolean } = {}): LoadedIndex {
  const pages = readUsable(volume);
  if (!options.keepDamaged) for (const number of pages.dropped) volume.dropPage(number);
  const usable = new Set(pages.usable);
  const whole = (record: CatalogRecord) =>
    record.extents.every(({ segment }) => usable.has(segment));
  const done = new KeyTable();
  const keys = new KeyTable();
  const parts = new Map<string, PartRecord[]>();
  const totals = { objects: 0, bytes: 0 };
  for (const number of pages.usable) {
    for (const record of volume.readPage(number).records) {
      if (!whole(record)) {
        if (record.kind !== 'part') keys.add(record.key);
        continue;
      }
      const name = record.key.toString('latin1');
      if (record.kind === 'part') {
        parts.set(name, [...(parts.get(name) ?? []), record]);
        continue;
      }
      parts.delete(name);
      keys.add(record.key);
      if (!done.add(record.key, identity(record))) continue;
      totals.objects += 1;
      totals.bytes += record.bytes;
    }
  }
  return {
    ...totals,
    lastNumber: Math.max(0, ...pages.usable.slice(-1), ...pages.dropped),
    dropped: pages.dropped,
    isDone: (object) => done.has(object.key, identity(object)),
    hasKey: (key) => keys.has(key),
    mayHaveParts: (key) => parts.size > 0 && parts.has(key.toString('latin1')),
    partsOf: (object) => contiguous(parts.get(object.key.toString('latin1')) ?? [], object),
  };
}

function readUsable(volume: Volume): { usable: number[]; dropped: number[] } {
  const numbers = volume.pageNumbers();
  const damaged = numbers.filter((number) => !isUsable(volume, number));
  const [first] = damaged;
  if (first !== undefined && damaged.length === numbers.length) {
    throw new WaybillError('PageDamaged', { page: first });
  }
  return { usable: numbers.filter((number) => !damaged.includes(number)), dropped: damaged };
}

function isUsable(volume: Volume, number: number): boolean {
  try {
    return volume.hasSegment(volume.readPage(number));
  } catch (error) {
    if (isWaybillError(error, 'PageDamaged')) return false;
    throw error;
  }
}

/** The parts of the same state of a file, in order from byte 0. */
function contiguous(all: PartRecord[], object: { bytes: number; mtimeNs: bigint }): PartRecord[] {
  const same = all.filter((part) => part.bytes === object.bytes && part.mtimeNs === object.mtimeNs);
  const chain: PartRecord[] = [];
  for (let at = 0; ; ) {
    const next = same.find((part) => part.start === at);
    if (!next) return chain;
    chain.push(next);
    at += next.extents.reduce((sum, extent) => sum + extent.length, 0);
  }
}

/** A record that counts: not a part, and not replaced by a later one. */
export type LiveFilter = (page: number, record: CatalogRecord) => record is ObjectRecord;

/**
 * Goes once over all pages of a finished volume and checks what only all of them together can show: no key
 * twice, no more bytes than the segments hold. Memory is bounded by 32 bytes an object.
 * Damaged pages are given to `onDamaged`; without it they throw PageDamaged. Throws VolumeInvalid.
 */
export function indexForUnload(
  volume: Volume,
  numbers: readonly number[],
  onDamaged?: (number: number) => void,
): { objects: number; bytes: number; isLive: LiveFilter; replaced: [string, number][] } {
  const replacedBy = new Map<string, number>();
  const pages = function* (report: boolean): Generator<Page> {
    for (const number of numbers) {
      try {
        yield volume.readPage(number);
      } catch (error) {
        if (!onDamaged || !isWaybillError(error, 'PageDamaged')) throw error;
        if (report) onDamaged(number);
      }
    }
  };
  for (const page of pages(true)) {
    for (const record of page.records) {
      if (record.kind !== 'part' && record.replaces)
        replacedBy.set(record.key.toString('latin1'), page.number);
    }
  }
  const isLive: LiveFilter = (page, record): record is ObjectRecord =>
    record.kind !== 'part' && page >= (replacedBy.get(record.key.toString('latin1')) ?? 0);
  const keys = new KeyTable();
  const totals = { objects: 0, bytes: 0, room: 0 };
  for (const page of pages(false)) {
    totals.room += page.segment.bytes;
    for (const record of page.records) {
      if (!isLive(page.number, record)) continue;
      if (!keys.add(record.key))
        throw new WaybillError('VolumeInvalid', { detail: 'two objects have one key' });
      totals.objects += 1;
      totals.bytes += record.bytes;
      const length = record.extents.reduce((sum, extent) => sum + extent.length, 0);
      if (volume.kind === 'sealed' && length !== record.bytes) {
        throw new WaybillError('VolumeInvalid', {
          detail: 'an object and its extents differ in size',
        });
      }
    }
  }
  // Else a small device could claim to hold petabytes by naming the same bytes again and again.
  if (volume.kind === 'sealed' && !onDamaged && totals.bytes > totals.room) {
    throw new WaybillError('VolumeInvalid', { detail: 'the objects are larger than the segments' });
  }
  const { objects, bytes } = totals;
  return { objects, bytes, isLive, replaced: [...replacedBy] };
}
