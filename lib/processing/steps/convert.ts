import type { CompiledStep } from '../compiled-plan.ts';
import type { RunningStep } from '../object-stream.ts';
import { readCsv, writeCsv } from './csv.ts';
import { readJsonLines, writeJsonLines } from './json-lines.ts';
import { readParquet, writeParquet } from './parquet.ts';
import type { RowGroups } from './rows.ts';

interface TableOptions {
  delimiter: string;
  /** Fields of a CSV become numbers and booleans where they are. */
  infer: boolean;
}
type Body = AsyncIterable<Uint8Array>;

const READERS: Record<string, (body: Body, options: TableOptions) => RowGroups> = {
  csv: readCsv,
  jsonl: readJsonLines,
  parquet: readParquet,
};
const WRITERS: Record<string, (groups: RowGroups, options: TableOptions) => Body> = {
  csv: writeCsv,
  jsonl: writeJsonLines,
  parquet: writeParquet,
};
const CONTENT_TYPES: Record<string, string> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
};

/** A table in another format, a group of rows at a time. */
export function convertStep(step: CompiledStep): RunningStep {
  const { from, to, delimiter, types } = step.plan;
  const options = { delimiter: String(delimiter), infer: types === 'infer' };
  const [read, write] = [READERS[String(from)], WRITERS[String(to)]];
  return {
    async *run(input) {
      if (!read || !write) return;
      const body = write(read(input.body, options), options);
      const contentType = CONTENT_TYPES[String(to)];
      yield { ...input, key: step.nameOf(input.key), bytes: undefined, contentType, body };
    },
  };
}
