import { open } from 'node:fs/promises';
import { REPORT_COLUMNS } from '../../domain/report.ts';

/** A line of a log, by the names of its columns. */
export type LogRow = Record<(typeof REPORT_COLUMNS)[number], string>;

export interface LogQuery {
  /** Offset in bytes where a line begins; 0 is the header. */
  after: number;
  limit: number;
  /** Only lines that hold this text, in any case; all when empty. */
  text: string;
}

/** A page of a log. Offsets and sizes are bytes. */
export interface LogPage {
  rows: LogRow[];
  /** Where the next page begins; null at the end. */
  next: number | null;
  /** How far the log has been searched. */
  searchedBytes: number;
  totalBytes: number;
}

const CHUNK_BYTES = 1024 * 1024;
/** A search reads this much at a time and then says how far it came. */
export const SEARCH_BYTES_MAX = 128 * 1024 * 1024;
const NEWLINE = 0x0a;
const QUOTE = 0x22;

/**
 * Reads a page of a log (RFC 4180, as `csvLine` writes it) without loading it: it goes from an offset to the page's
 * last line, at most SEARCH_BYTES_MAX further.
 */
export async function readLogPage(path: string, query: LogQuery): Promise<LogPage> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const needle = query.text.toLowerCase();
    const rows: LogRow[] = [];
    let at = Math.min(query.after, size);
    const stop = at + SEARCH_BYTES_MAX;
    let step = CHUNK_BYTES;
    while (at < size && at < stop && rows.length < query.limit) {
      const buffer = Buffer.allocUnsafe(Math.min(step, size - at));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      const chunk = buffer.subarray(0, bytesRead);
      const whole = at + bytesRead >= size ? chunk.length : endOfLines(chunk);
      // A line that is longer than a chunk: read more of it.
      if (whole === 0 && bytesRead > 0) {
        step *= 2;
        continue;
      }
      if (bytesRead === 0) break;
      const lines = chunk.subarray(0, whole);
      at +=
        needle === '' || holds(lines, needle)
          ? take(lines, { needle, rows, limit: query.limit, skipHeader: at === 0 })
          : whole;
    }
    return { rows, next: at < size ? at : null, searchedBytes: at, totalBytes: size };
  } finally {
    await file.close();
  }
}

const holds = (bytes: Buffer, needle: string): boolean =>
  bytes.toString('utf8').toLowerCase().includes(needle);

/** Where the last whole line of a chunk that begins with a line ends; a line break within quotes ends none. */
function endOfLines(chunk: Buffer): number {
  if (!chunk.includes(QUOTE)) return chunk.lastIndexOf(NEWLINE) + 1;
  let end = 0;
  for (;;) {
    const next = endOfLine(chunk, end);
    if (next === undefined) return end;
    end = next;
  }
}

/** Where the line that begins at an offset ends; undefined when it goes on after these bytes. */
function endOfLine(bytes: Buffer, from: number): number | undefined {
  let isQuoted = false;
  let part = from;
  for (let end = bytes.indexOf(NEWLINE, from); end >= 0; end = bytes.indexOf(NEWLINE, end + 1)) {
    const quotes = countQuotes(bytes.subarray(part, end));
    if (quotes % 2 === 1) isQuoted = !isQuoted;
    if (!isQuoted) return end + 1;
    part = end;
  }
  return undefined;
}

function countQuotes(bytes: Buffer): number {
  let quotes = 0;
  for (let i = bytes.indexOf(QUOTE); i >= 0; i = bytes.indexOf(QUOTE, i + 1)) quotes += 1;
  return quotes;
}

/** Takes the lines that match until the page is full. Returns the bytes that were gone through. */
function take(
  lines: Buffer,
  {
    needle,
    rows,
    limit,
    skipHeader,
  }: { needle: string; rows: LogRow[]; limit: number; skipHeader: boolean },
): number {
  let from = 0;
  while (from < lines.length && rows.length < limit) {
    const end = endOfLine(lines, from) ?? lines.length;
    const isHeader = skipHeader && from === 0;
    const line = lines.toString('utf8', from, end).replace(/\r?\n$/, '');
    if (!isHeader && line !== '' && line.toLowerCase().includes(needle)) rows.push(rowOf(line));
    from = end;
  }
  return from;
}

/** The fields of one line. */
export function rowOf(line: string): LogRow {
  const fields = line.includes('"') ? quotedFields(line) : line.split(',');
  return Object.fromEntries(REPORT_COLUMNS.map((name, i) => [name, fields[i] ?? ''])) as LogRow;
}

function quotedFields(line: string): string[] {
  const fields: string[] = [];
  for (const [, quoted, plain = ''] of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g))
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
  return fields;
}
