import type { PartRange, RangeSum } from '../../domain/range-sum.ts';
import { openStore } from '../open.ts';
import type { StoredObject } from '../store.ts';
import type { StoreSpec } from '../store-spec.ts';
import type { KeyRange } from './key-range.ts';

/** A key as text; undefined when its bytes are not UTF-8, and no range can begin or end with it. */
function textOf(key: Buffer): string | undefined {
  const text = key.toString('utf8');
  return Buffer.from(text).equals(key) ? text : undefined;
}

/**
 * Splits a listing into as few runs of keys as devices of `deviceBytes` need, in order. A single object that is
 * larger than a device gets a part of its own: the station reports it.
 */
export async function splitListing(
  objects: AsyncIterable<Pick<StoredObject, 'key' | 'bytes'>>,
  { range, deviceBytes }: { range: KeyRange; deviceBytes: number },
): Promise<PartRange[]> {
  const parts: PartRange[] = [];
  let part: PartRange = { begin: range.begin ?? null, end: null, objects: 0, bytes: 0 };
  /** The last place where the part can end, and what lies behind it. */
  let cut: { end: string; begin: string; objects: number; bytes: number } | undefined;
  let before: string | undefined;
  for await (const { key, bytes } of objects) {
    const text = textOf(key);
    if (part.objects > 0 && before !== undefined && text !== undefined) {
      cut = { end: before, begin: text, objects: 0, bytes: 0 };
    }
    if (cut && part.bytes + bytes > deviceBytes) {
      const { objects: behind, bytes: behindBytes } = cut;
      parts.push({
        begin: part.begin,
        end: cut.end,
        objects: part.objects - behind,
        bytes: part.bytes - behindBytes,
      });
      part = { begin: cut.begin, end: null, objects: behind, bytes: behindBytes };
      cut = undefined;
    }
    part.objects += 1;
    part.bytes += bytes;
    if (cut) {
      cut.objects += 1;
      cut.bytes += bytes;
    }
    before = text;
  }
  return [...parts, { ...part, end: range.end ?? null }];
}

/** Lists a range of a store: what it holds, and its parts for devices of a size. Throws what a store throws. */
export async function sumOfRange(
  spec: StoreSpec,
  { range, deviceBytes }: { range: KeyRange; deviceBytes: number },
  now: Date,
  signal?: AbortSignal,
): Promise<RangeSum> {
  const store = openStore(spec, signal);
  try {
    const listing = store.list({ ...range, bare: true });
    const parts = await splitListing(listing, { range, deviceBytes });
    return {
      objects: parts.reduce((sum, part) => sum + part.objects, 0),
      bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
      listedAt: now.toISOString(),
      parts,
    };
  } finally {
    await store.close();
  }
}
