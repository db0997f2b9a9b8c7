import { Readable } from 'node:stream';
import { columnsOf, groupsOf, jsonValue, type Row, type RowGroups, unexpected } from './rows.ts';
import { joined } from './streams.ts';

type FieldKind = 'whole' | 'number' | 'flag' | 'text';

const RECORD_MAX = 16 * 1024 ** 2;
/** A number with leading zeros, or more digits than a double keeps, is a name and stays text. */
const WHOLE = /^-?(?:0|[1-9]\d{0,14})$/;
const NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?(?:[eE][+-]?\d{1,3})?$/;

const IS: Record<FieldKind, (text: string) => boolean> = {
  whole: (text) => WHOLE.test(text),
  number: (text) => NUMBER.test(text),
  flag: (text) => text === 'true' || text === 'false',
  text: () => true,
};
const READ: Record<FieldKind, (text: string) => unknown> = {
  whole: Number,
  number: Number,
  flag: (text) => text === 'true',
  text: (text) => text,
};

/**
 * CSV (RFC 4180) whose first line names the columns. With `infer`, a column whose fields are all numbers, or all
 * true or false, in the first rows becomes that, empty fields null; a later field that does not fit is an error.
 */
export async function* readCsv(
  body: AsyncIterable<Uint8Array>,
  { delimiter, infer }: { delimiter: string; infer: boolean },
): AsyncGenerator<Row[]> {
  const { parse } = await import('csv-parse');
  const parser = parse({ columns: true, bom: true, delimiter, max_record_size: RECORD_MAX });
  const source = Readable.from(body, { objectMode: false });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let kinds: Map<string, FieldKind> | undefined;
  let number = 0;
  try {
    for await (const group of groupsOf(parser, () => parser.info.bytes)) {
      kinds ??= infer ? kindsOf(group) : new Map();
      const known = kinds;
      const before = number;
      number += group.length;
      yield infer ? group.map((row, i) => typed(row, known, before + i + 1)) : group;
    }
  } finally {
    source.destroy();
    parser.destroy();
  }
}

function kindsOf(rows: readonly Row[]): Map<string, FieldKind> {
  return new Map(
    columnsOf(rows).map((name) => {
      const fields = rows.map((row) => String(row[name] ?? '')).filter((text) => text !== '');
      const kinds: FieldKind[] = fields.length === 0 ? [] : ['whole', 'number', 'flag'];
      return [name, kinds.find((kind) => fields.every(IS[kind])) ?? 'text'];
    }),
  );
}

function typed(row: Row, kinds: Map<string, FieldKind>, number: number): Row {
  const out: Row = {};
  for (const [name, value] of Object.entries(row)) {
    const text = String(value);
    const kind = kinds.get(name) ?? 'text';
    if (kind !== 'text' && text === '') out[name] = null;
    else if (IS[kind](text)) out[name] = READ[kind](text);
    else
      throw unexpected(number, `${name} is not a ${kind}, as in the rows before; use types: text`);
  }
  return out;
}

/** Columns are those of the first rows; a later row that has another one is an error. Nested values become JSON. */
export function writeCsv(
  groups: RowGroups,
  { delimiter }: { delimiter: string },
): AsyncGenerator<Buffer> {
  const lines = (async function* () {
    const { stringify } = await import('csv-stringify/sync');
    let columns: string[] | undefined;
    let number = 0;
    for await (const group of groups) {
      if (!columns) {
        columns = columnsOf(group);
        yield stringify([columns], { delimiter });
      }
      const records: string[][] = [];
      for (const row of group) {
        number += 1;
        const other = Object.keys(row).find((name) => !columns?.includes(name));
        if (other !== undefined) throw unexpected(number, `a column ${other} that came too late`);
        records.push(columns.map((name) => field(row[name])));
      }
      yield stringify(records, { delimiter });
    }
  })();
  return joined(lines);
}

function field(value: unknown): string {
  const plain = jsonValue(value);
  if (plain === null) return '';
  return typeof plain === 'object' ? JSON.stringify(plain) : String(plain);
}
