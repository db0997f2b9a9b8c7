import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Spool } from '../spool.ts';
import { columnsOf, jsonValue, type Row, type RowGroups, SAMPLE_ROWS, unexpected } from './rows.ts';

/** One page cannot unpack to more than that. */
const PAGE_BYTES_MAX = 1024 ** 3;

/** Parquet's footer lies at its end, so all of it is kept for a moment. Rows are read in groups. */
export async function* readParquet(body: AsyncIterable<Uint8Array>): AsyncGenerator<Row[]> {
  const { parquetMetadataAsync, parquetReadObjects } = await import('hyparquet');
  const { decompress } = await import('fzstd');
  const unpack = { maxOutputLength: PAGE_BYTES_MAX };
  const compressors = {
    GZIP: (bytes: Uint8Array) => gunzipSync(bytes, unpack),
    BROTLI: (bytes: Uint8Array) => brotliDecompressSync(bytes, unpack),
    ZSTD: (bytes: Uint8Array) => decompress(bytes),
  };
  const spool = new Spool();
  try {
    for await (const chunk of body) spool.write(chunk);
    const file = {
      byteLength: spool.bytes,
      slice: (from: number, to = spool.bytes) => {
        const piece = spool.slice(from, to);
        return new Uint8Array(piece).buffer;
      },
    };
    const metadata = await parquetMetadataAsync(file);
    const rows = Number(metadata.num_rows);
    for (let rowStart = 0; rowStart < rows; rowStart += SAMPLE_ROWS) {
      const rowEnd = Math.min(rows, rowStart + SAMPLE_ROWS);
      yield await parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd });
    }
  } finally {
    spool.close();
  }
}

type ColumnKind = 'BOOLEAN' | 'INT64' | 'DOUBLE' | 'STRING' | 'JSON';

/**
 * Parquet with Snappy pages, in row groups of ten thousand rows. The columns and their types are those of the first
 * group; a later row that does not fit is an error. Every column may be null; nested values become JSON text.
 */
export async function* writeParquet(groups: RowGroups): AsyncGenerator<Uint8Array> {
  const { ByteWriter, ParquetWriter, schemaFromColumnData } = await import('hyparquet-writer');
  const out = new ByteWriter();
  let writer: InstanceType<typeof ParquetWriter> | undefined;
  let kinds: [name: string, kind: ColumnKind][] = [];
  let done = 0;
  const take = (): Uint8Array => {
    const bytes = Buffer.from(out.getBytes());
    out.index = 0;
    return bytes;
  };
  for await (const group of groups) {
    if (!writer) {
      kinds = columnsOf(group).map((name) => [name, kindOf(group.map((row) => row[name]))]);
      const columnData = kinds.map(([name, type]) => ({ name, type, data: [], nullable: true }));
      const schema = schemaFromColumnData({ columnData });
      writer = new ParquetWriter({ writer: out, schema, createdBy: 'waybill' });
    }
    checkColumns(group, kinds, done);
    await writer.write({
      columnData: kinds.map(([name, kind]) => ({
        name,
        data: group.map((row, i) => cell(row[name], kind, () => [done + i + 1, name])),
      })),
      rowGroupSize: SAMPLE_ROWS,
    });
    done += group.length;
    yield take();
  }
  if (!writer) throw new RangeError('a table without rows has no columns that could be written');
  await writer.finish();
  yield take();
}

function kindOf(values: unknown[]): ColumnKind {
  const known = values.filter((value) => value !== null && value !== undefined);
  const every = (test: (value: unknown) => boolean) => known.length > 0 && known.every(test);
  if (every((value) => typeof value === 'boolean')) return 'BOOLEAN';
  if (every((value) => typeof value === 'bigint' || Number.isSafeInteger(value))) return 'INT64';
  if (every((value) => typeof value === 'number')) return 'DOUBLE';
  return known.some((value) => typeof jsonValue(value) === 'object') ? 'JSON' : 'STRING';
}

function cell(value: unknown, kind: ColumnKind, where: () => [number, string]): unknown {
  if (value === null || value === undefined) return null;
  if (kind === 'JSON') return jsonValue(value);
  if (kind === 'STRING') {
    const plain = jsonValue(value);
    return typeof plain === 'object' ? JSON.stringify(plain) : String(plain);
  }
  if (kind === 'BOOLEAN' && typeof value === 'boolean') return value;
  if (kind === 'INT64' && (typeof value === 'bigint' || Number.isSafeInteger(value)))
    return BigInt(value as number);
  if (kind === 'DOUBLE' && typeof value === 'number') return value;
  const [row, name] = where();
  throw unexpected(row, `${name} is not ${kind}, as in the rows before`);
}

function checkColumns(rows: Row[], kinds: [string, ColumnKind][], before: number): void {
  const known = new Set(kinds.map(([name]) => name));
  for (const [i, row] of rows.entries()) {
    const other = Object.keys(row).find((name) => !known.has(name));
    if (other !== undefined)
      throw unexpected(before + i + 1, `a column ${other} that came too late`);
  }
}
