import { createReadStream, createWriteStream, rmSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import type { StationCredentials } from '../../lib/api/schemas/work-schemas.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import { csvLineFields, type ReportFile } from '../../lib/domain/report.ts';
import { DeviceFiles } from '../../lib/files/device.ts';
import { safeEqual } from '../../lib/keys/secrets.ts';
import { openStore } from '../../lib/stores/open.ts';

/** What a disk job of the Import/Export API asks of its station beside the import. */
type Order = NonNullable<StationCredentials['order']>;

const FILE = 'SIGNATURE';
const FILE_BYTES_MAX = 4096;

/** Line ends and a last empty line are the copying program's, not the signature's. */
const tidy = (text: string): string => text.replace(/\r\n?/g, '\n').trimEnd();

/** Holds that the disk carries the signature of its job's instructions. Throws DiskSignatureMissing, DiskSignatureWrong. */
export function checkSignature(deviceDir: string, { signatureFile }: Order): void {
  if (signatureFile === null) return;
  const device = new DeviceFiles(deviceDir);
  if (!device.entry(FILE)) throw new WaybillError('DiskSignatureMissing', { path: deviceDir });
  const text = device.read(FILE, FILE_BYTES_MAX)?.toString('utf8') ?? '';
  if (!safeEqual(tidy(text), tidy(signatureFile))) {
    throw new WaybillError('DiskSignatureWrong', { path: deviceDir });
  }
}

const COLUMNS = 'DateTime,File,Status,Code,Key,SHA256';

/** Status and code of a line, as the log of Import/Export has them. */
const RESULTS: Record<string, [status: string, code: string]> = {
  written: ['200', 'OK'],
  'already-present': ['200', 'OK'],
  archived: ['200', 'OK'],
  skipped: ['103', 'Ignored'],
};

/**
 * Writes the log of an import or export, one line an object, into the order's log bucket. Times are those of the
 * report's end; `bucket` is that of the objects.
 */
export async function writeOrderLog(
  { log }: Order,
  {
    bucket,
    files,
  }: { bucket: string; files: Pick<Record<ReportFile, string>, 'success.csv' | 'failure.csv'> },
  signal: AbortSignal,
): Promise<void> {
  const at = new Date();
  const path = `${files['success.csv']}.log`;
  await pipeline(
    logLines([files['success.csv'], files['failure.csv']], { bucket, at }),
    createWriteStream(path),
  );
  const store = openStore(log.spec, signal);
  const mtimeNs = BigInt(at.getTime()) * 1_000_000n;
  const { size: bytes } = statSync(path);
  const writer = await store.put({ key: Buffer.from(log.key), bytes, mtimeNs, mode: 0o644 });
  for await (const chunk of createReadStream(path)) await writer.write(chunk);
  await writer.commit();
  await store.flush();
  await store.close();
  rmSync(path);
}

async function* logLines(
  files: string[],
  of: { bucket: string; at: Date },
): AsyncGenerator<string> {
  yield `${COLUMNS}\n`;
  for (const file of files) {
    for await (const fields of rowsOf(file)) yield logLine(fields, of);
  }
}

/** The rows of a log of the report without its header. Keys hold no line breaks: the report writes them encoded. */
async function* rowsOf(file: string): AsyncGenerator<string[]> {
  let isHeader = true;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (!isHeader && line !== '') yield csvLineFields(line);
    isHeader = false;
  }
}

const quoted = (text: string): string =>
  /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

function logLine(fields: string[], { bucket, at }: { bucket: string; at: Date }): string {
  const [key = '', , sha256 = '', , result = '', reason = '', detail = ''] = fields;
  const [status, code] = RESULTS[result] ?? ['400', reason || 'Failed'];
  const time = at.toISOString().replace(/\.\d{3}Z$/, 'Z');
  const stored = status === '200' ? `/${bucket}/${result === 'archived' ? detail : key}` : '';
  return `${[time, quoted(key), status, code, quoted(stored), sha256].join(',')}\n`;
}
