/** Numbered tamper seals: those that a device arrived with, compared with those that it left with. */

/** How the seals of an arrival compare with those of the departure. Numbers as they were entered. */
export interface SealComparison {
  departed: string[];
  arrived: string[];
  /** Left with, and not there any more. */
  missing: string[];
  /** Were not there when it left: put on, or put in place of a missing one, on the way. */
  extra: string[];
}

/** Case and blanks are the typist's; everything else, leading zeros too, is the number's. */
const sameText = (number: string): string => number.replace(/\s+/g, '').toUpperCase();

export function compareSeals(
  departed: readonly string[],
  arrived: readonly string[],
): SealComparison {
  const without = (from: readonly string[], others: readonly string[]): string[] => {
    const known = new Set(others.map(sameText));
    return from.filter((number) => !known.has(sameText(number)));
  };
  return {
    departed: [...departed],
    arrived: [...arrived],
    missing: without(departed, arrived),
    extra: without(arrived, departed),
  };
}

export const sealsAgree = ({ missing, extra }: SealComparison): boolean =>
  missing.length + extra.length === 0;

const listed = (numbers: readonly string[]): string => numbers.join(', ') || 'none';

/** A difference in words, with both lists. */
export function describeSeals(comparison: SealComparison): string {
  const { departed, arrived, missing, extra } = comparison;
  if (sealsAgree(comparison)) return `the same as at departure: ${listed(departed)}`;
  const parts = [
    ...(missing.length > 0 ? [`missing: ${listed(missing)}`] : []),
    ...(extra.length > 0 ? [`not there at departure: ${listed(extra)}`] : []),
  ];
  return `${parts.join('; ')} (left with ${listed(departed)}; arrived with ${listed(arrived)})`;
}

/** A leg of a device's way, as far as its seals go. Numbers as they were entered. */
export interface SealedLeg {
  sealNumbers: readonly string[];
  arrivedAt: string | null;
  /** Null: nobody compared them. */
  arrivalSeals: readonly string[] | null;
}

/**
 * The numbers that a device left with and that nobody compared where it is now. Legs in the order in which they were
 * travelled: only seals of the last one can still be looked at.
 */
export function uncomparedSealsOf(legs: readonly SealedLeg[]): string[] {
  const last = legs.at(-1);
  if (!last || last.arrivedAt === null || last.arrivalSeals !== null) return [];
  return [...last.sealNumbers];
}
