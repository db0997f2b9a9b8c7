import type { ErrorCode } from './errors.ts';
import type { ProcessingResults } from './processing-results.ts';
import type { Proof, ProofCounts } from './proofs.ts';
import type { JobState, JobType, Outcome } from './words.ts';

/** The completion report of a job: `summary.json`, `success.csv`, `failure.csv`. */
export const REPORT_FORMAT = 'waybill-report/1';
export const REPORT_FILES = ['summary.json', 'success.csv', 'failure.csv'] as const;
/** Goes with the report, and is no part of it: the signed head of the custody log that covers the end of the job. */
export const HEAD_FILE = 'custody-head.txt';
export type ReportFile = (typeof REPORT_FILES)[number];

/** Header of both CSV logs, one line an object (RFC 4180). */
export const REPORT_COLUMNS = [
  'key',
  'bytes',
  'sha256',
  'crc32',
  'result',
  'reason',
  'detail',
  'proof',
  'attempts',
] as const;

/** `archived`: in the archive that `detail` names. */
export type ObjectResult = 'written' | 'already-present' | 'archived' | 'skipped' | 'failed';

/** The one archive of a device. Its key is text as in the logs, its SHA-256 hex. */
export interface ArchiveFacts {
  key: string;
  bytes: number;
  sha256: string;
}

/** One object's line. `key` is text; bytes that are not UTF-8 appear percent-encoded. */
export interface ReportRow {
  key: string;
  bytes: number;
  sha256: string;
  crc32: string;
  result: ObjectResult;
  reason: ErrorCode | '';
  detail: string;
  /** Of an object of an export: how its bytes were compared with those of the store. */
  proof?: Proof | undefined;
  /** How often it was tried, over all runs; missing where nothing was. */
  attempts?: number | undefined;
}

/** `summary.json`. Counts are objects, sizes bytes, times ISO 8601. */
export interface ReportSummary {
  format: typeof REPORT_FORMAT;
  jobId: string;
  deviceId: string;
  volumeId: string;
  outcome: Outcome;
  objects: number;
  bytes: number;
  /** Already in the store with the same bytes (counted in `objects`). */
  alreadyPresent: number;
  /** Left out at the source by rule, e.g. symbolic links. */
  skipped: number;
  /** Could not be read at the source, or not be written to the store. */
  failed: number;
  destination: string;
  sealDigest: string;
  startedAt: string;
  finishedAt: string;
  agentVersion: string;
  /** The import stopped before its end: what it did until then. */
  partial?: true | undefined;
  /** Of a job whose device became one archive: `objects` are inside. */
  archive?: ArchiveFacts | undefined;
  /** What the steps did at the site; only of a job that has some. */
  processing?: ProcessingResults | undefined;
  /** Of an export: objects by how it is known that their bytes are the store's. */
  proofs?: ProofCounts | undefined;
  /** What the destination could not do for the bytes' safety, and what was done instead. */
  notes?: string[];
}

/** Errors outrank warnings. */
export function outcomeOf(counts: { skipped: number; failed: number }): Outcome {
  if (counts.failed > 0) return 'with-errors';
  return counts.skipped > 0 ? 'with-warnings' : 'succeeded';
}

/** What would not show, or make text show in another order: control characters, line ends, marks of direction. */
const UNSEEN = /[%\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Text of a key for reports and screens: UTF-8 as it is; other bytes, what does not show, and `%` percent-encoded. */
export function printableKey(key: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(key);
    return text.replace(UNSEEN, (c) => encodeURIComponent(c));
  } catch {
    return Array.from(key, (byte) =>
      byte > 0x20 && byte < 0x7f && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join('');
  }
}

/** The key that `printableKey` made this text of, or that somebody typed; undefined when a `%` stands for nothing. */
export function parsePrintableKey(text: string): Buffer | undefined {
  if (/%(?![0-9a-f]{2})/i.test(text)) return undefined;
  const pieces = text.split(/((?:%[0-9a-f]{2})+)/i);
  return Buffer.concat(
    pieces.map((piece, i) =>
      i % 2 === 1 ? Buffer.from(piece.replaceAll('%', ''), 'hex') : Buffer.from(piece),
    ),
  );
}

/** One CSV line with its line end. A field that a spreadsheet would run as a formula is quoted, as all are that need it. */
export function csvLine(row: ReportRow): string {
  const fields = [
    row.key,
    String(row.bytes),
    row.sha256,
    row.crc32,
    row.result,
    row.reason,
    row.detail,
    row.proof ?? '',
    row.attempts === undefined ? '' : String(row.attempts),
  ];
  return csvText(fields);
}

/** Fields as one CSV line with its line end. */
export function csvText(fields: readonly string[]): string {
  return `${fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')}\r\n`;
}

/** The fields of one line that `csvLine` wrote, without its line end. */
export function csvLineFields(line: string): string[] {
  const fields: string[] = [];
  for (const [, quoted, plain = ''] of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)) {
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
  }
  return fields;
}

/**
 * Whether the console takes a report of a job now: while the work goes on; of an import that was closed before its end,
 * until its device is erased (what did land is known then, too); and while failed objects are to be tried again.
 */
export function takesReport(job: {
  state: JobState;
  type: JobType;
  reported: boolean;
  erased: boolean;
  retryRequested: string | null;
}): boolean {
  const { state, type, reported, erased, retryRequested } = job;
  if (state === 'importing' || state === 'exporting') return true;
  if (state !== 'completed' || type !== 'import' || erased) return false;
  return !reported || retryRequested !== null;
}
