import type { Readable } from 'node:stream';

/** A row of a table: columns by name. Values as JSON has them, and whole numbers beyond 2⁵³ as bigint. */
export type Row = Record<string, unknown>;

/** Columns are known from so many rows. */
export const SAMPLE_ROWS = 10_000;

/** A group of rows that is larger ends there: rows may be long. */
const GROUP_BYTES = 32 * 1024 ** 2;

/**
 * Rows on their way from a reader to a writer: in groups of at most `SAMPLE_ROWS`, because a wait for each row would cost
 * more than to read it.
 */
export type RowGroups = AsyncIterable<Row[]>;

/** Whether a group of so many rows, read from so many bytes, is a whole one. */
export const isGroup = (rows: number, bytes: number): boolean =>
  rows >= SAMPLE_ROWS || bytes >= GROUP_BYTES;

/** The objects of a stream in groups; `bytes` says how much it has read. */
export async function* groupsOf(stream: Readable, bytes: () => number): AsyncGenerator<Row[]> {
  let group: Row[] = [];
  let from = bytes();
  let wake = () => {};
  let failure: Error | undefined;
  stream.on('readable', () => wake());
  stream.on('error', (error) => {
    failure = error;
    wake();
  });
  stream.on('close', () => wake());
  stream.on('end', () => wake());
  for (;;) {
    const more = new Promise<void>((resolve) => {
      wake = resolve;
    });
    for (let row: Row | null = stream.read(); row !== null; row = stream.read()) {
      group.push(row);
      if (!isGroup(group.length, bytes() - from)) continue;
      yield group;
      group = [];
      from = bytes();
    }
    if (failure) throw failure;
    if (stream.readableEnded) break;
    if (stream.destroyed) throw new RangeError('the table ended early');
    await more;
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
