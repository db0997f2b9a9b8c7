/** What part of a store a listing shows: keys under `prefix`, from `begin` to `end`, both inclusive. */
export interface KeyRange {
  prefix: string;
  begin?: string;
  end?: string;
}

/** A listing's bounds as bytes; begin and end are inclusive. */
export interface KeyBounds {
  prefix: Buffer;
  begin: Buffer | undefined;
  end: Buffer | undefined;
}

export function boundsOf(range: KeyRange): KeyBounds {
  return {
    prefix: Buffer.from(range.prefix),
    begin: range.begin ? Buffer.from(range.begin) : undefined,
    end: range.end ? Buffer.from(range.end) : undefined,
  };
}

/** Whether a key is in the range. */
export function within(key: Buffer, { prefix, begin, end }: KeyBounds): boolean {
  if (key.length < prefix.length || !key.subarray(0, prefix.length).equals(prefix)) return false;
  if (begin && Buffer.compare(key, begin) < 0) return false;
  return !end || Buffer.compare(key, end) <= 0;
}
