/** A row of a table: columns by name. Values as JSON has them, and whole numbers beyond 2⁵³ as bigint. */
export type Row = Record<string, unknown>;

/** Columns are known from so many rows. */
export const SAMPLE_ROWS = 10_000;

/** Rows in groups of at most so many. */
export async function* inGroups(rows: AsyncIterable<Row>, size: number): AsyncGenerator<Row[]> {
  let group: Row[] = [];
  for await (const row of rows) {
    group.push(row);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** The columns of rows, in the order in which they first appear. */
export function columnsOf(rows: readonly Row[]): string[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return [...names];
}

/** A later row has something that the first ones did not lead to expect. */
export const unexpected = (row: number, what: string): RangeError =>
  new RangeError(`row ${row}: ${what}`);

/** A value as JSON text can carry it. */
export function jsonValue(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, jsonValue(one)]));
}
