import { WaybillError } from '../../lib/domain/errors.ts';
import { csvLineFields } from '../../lib/domain/report.ts';

/** One object of a log of a completion report, as far as a proof looks at it. `key` is text as in the log. */
export interface LogRow {
  key: string;
  bytes: number;
  sha256: string;
  crc32: string;
  result: string;
}

const RECORD_CHARS_MAX = 1024 * 1024;
const WANTED = ['key', 'bytes', 'sha256', 'crc32', 'result'] as const;

/** The rows of a log as it comes; newer logs have more columns. Throws TarInvalid for what is no log. */
export async function* logRows(content: AsyncIterable<Uint8Array>): AsyncGenerator<LogRow> {
  let places: number[] | undefined;
  for await (const record of records(content)) {
    const fields = csvLineFields(record);
    if (!places) {
      places = WANTED.map((name) => fields.indexOf(name));
      if (places.includes(-1)) throw invalid('a log lacks columns');
      continue;
    }
    const [key = '', bytes = '', sha256 = '', crc32 = '', result = ''] = places.map(
      (place) => fields[place],
    );
    if (!/^\d+$/.test(bytes)) throw invalid('a log holds a wrong size');
    yield { key, bytes: Number(bytes), sha256, crc32, result };
  }
}

/** Records of CSV: a line ends where no quote is open (RFC 4180). */
async function* records(content: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let open = '';
  for await (const chunk of content) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      open += open === '' ? line : `\n${line}`;
      if (quotes(open) % 2 === 1) {
        if (open.length > RECORD_CHARS_MAX) throw invalid('a line of a log is too long');
        continue;
      }
      yield open.replace(/\r$/, '');
      open = '';
    }
    if (rest.length > RECORD_CHARS_MAX) throw invalid('a line of a log is too long');
  }
  if (open + rest !== '') throw invalid('a log is cut off');
}

function quotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count += 1;
  return count;
}

const invalid = (detail: string): WaybillError => new WaybillError('TarInvalid', { detail });
