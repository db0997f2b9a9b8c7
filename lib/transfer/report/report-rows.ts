import { ERRORS, type ErrorCode, WaybillError } from '../../domain/errors.ts';
import {
  csvLine,
  type ObjectResult,
  printableKey,
  REPORT_COLUMNS,
  type ReportRow,
} from '../../domain/report.ts';
import type { ObjectRecord } from '../../volume/catalog/records.ts';
import type { OmittedLine } from '../../volume/catalog/seal-lines.ts';

/** Lines of the two logs of a completion report. */

export const REPORT_HEADER = `${REPORT_COLUMNS.join(',')}\r\n`;

/** What became of an object of the volume. */
export const objectRow = (
  { bytes, sha256, crc32 }: ObjectRecord,
  key: Uint8Array,
  result: ObjectResult,
  reason: ErrorCode | '' = '',
  detail = '',
): ReportRow => ({
  key: printableKey(key),
  bytes,
  sha256: sha256.toString('hex'),
  crc32: crc32.toString(16).padStart(8, '0'),
  result,
  reason,
  detail,
});

const NOTHING = { bytes: 0, sha256: '', crc32: '' };

/** The objects of a page that cannot be read. */
export function pageLine(page: number): string {
  const { message: detail } = new WaybillError('PageDamaged', { page });
  return csvLine({ key: '', ...NOTHING, result: 'failed', reason: 'PageDamaged', detail });
}

/** What the load left out. */
export function omittedLine({ omitted, code, message: detail }: OmittedLine): string {
  const key = printableKey(Buffer.from(omitted, 'base64'));
  const result = ERRORS[code].exit === 0 ? 'skipped' : 'failed';
  return csvLine({ key, ...NOTHING, result, reason: code, detail });
}
