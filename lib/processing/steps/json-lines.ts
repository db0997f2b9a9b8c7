import { isGroup, jsonValue, type Row, type RowGroups } from './rows.ts';
import { joined, linesOf } from './streams.ts';

const LINE_MAX = 16 * 1024 ** 2;

/** JSON Lines: an object a line; empty lines are passed over. */
export async function* readJsonLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<Row[]> {
  let number = 0;
  let group: Row[] = [];
  let bytes = 0;
  for await (const line of linesOf(body, LINE_MAX)) {
    number += 1;
    const text = Buffer.from(line, 'latin1').toString('utf8').trim();
    if (text === '') continue;
    group.push(parseLine(text, number));
    bytes += line.length;
    if (!isGroup(group.length, bytes)) continue;
    yield group;
    group = [];
    bytes = 0;
  }
  if (group.length > 0) yield group;
}

function parseLine(text: string, number: number): Row {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RangeError(`line ${number} is not JSON`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row;
  throw new RangeError(`line ${number} is not a JSON object`);
}

export function writeJsonLines(groups: RowGroups): AsyncGenerator<Buffer> {
  const lines = (async function* () {
    for await (const group of groups)
      yield group.map((row) => `${JSON.stringify(jsonValue(row))}\n`).join('');
  })();
  return joined(lines);
}
