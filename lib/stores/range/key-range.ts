/** What part of a store a listing shows: keys under `prefix`, from `begin` to `end`, both inclusive. */
export interface KeyRange {
  prefix: string;
  begin?: string;
  end?: string;
  /** Keys under this prefix are left out. */
  without?: string;
  /** Key and size are enough: what costs a question an object is not asked for. */
  bare?: boolean;
}

/** A listing's bounds as bytes; begin and end are inclusive. */
export interface KeyBounds {
  prefix: Buffer;
  begin: Buffer | undefined;
  end: Buffer | undefined;
  without: Buffer | undefined;
}

export function boundsOf(range: KeyRange): KeyBounds {
  return {
    prefix: Buffer.from(range.prefix),
    begin: range.begin ? Buffer.from(range.begin) : undefined,
    end: range.end ? Buffer.from(range.end) : undefined,
    without: range.without ? Buffer.from(range.without) : undefined,
  };
}

/** Whether a key is in the range. */
export function within(key: Buffer, { prefix, begin, end, without }: KeyBounds): boolean {
  if (key.length < prefix.length || !key.subarray(0, prefix.length).equals(prefix)) return false;
  if (without && key.subarray(0, without.length).equals(without)) return false;
  if (begin && Buffer.compare(key, begin) < 0) return false;
  return !end || Buffer.compare(key, end) <= 0;
}
