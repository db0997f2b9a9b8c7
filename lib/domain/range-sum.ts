import { formatBytes } from './sizes.ts';

/** Keys of one part of an export, both ends inclusive; null: from the start, to the end. Bytes are those of its objects. */
export interface PartRange {
  begin: string | null;
  end: string | null;
  objects: number;
  bytes: number;
}

/** What an export's range held when it was listed, and the parts that each fit on a device of the job's size. */
export interface RangeSum {
  objects: number;
  bytes: number;
  /** ISO 8601, UTC. */
  listedAt: string;
  parts: PartRange[];
}

/** More parts than anybody ships; what is behind the last one counts as part of it. */
export const PARTS_MAX = 10_000;

export const fitsOneDevice = ({ bytes }: Pick<RangeSum, 'bytes'>, sizeBytes: number): boolean =>
  bytes <= sizeBytes;

/** A part's markers in words: "from a/1 to a/99: 12 objects, 3.0 TB". */
export function partWords({ begin, end, objects, bytes }: PartRange): string {
  const keys = `from ${begin ?? 'the first key'} to ${end ?? 'the last key'}`;
  return `${keys}: ${objects.toLocaleString('en-US')} objects, ${formatBytes(bytes)}`;
}

/** The first parts in words, for an error. */
export function partsWords(parts: readonly PartRange[]): string {
  const told = parts.slice(0, 5).map((part, i) => `${i + 1}. ${partWords(part)}`);
  if (parts.length > told.length) told.push(`and ${parts.length - told.length} more`);
  return told.join('; ');
}
