import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvLine, REPORT_COLUMNS, type ReportRow } from '../../domain/report.ts';
import { tempDir } from '../../testing/temp.ts';
import { type LogRow, readLogPage } from './report-rows.ts';

const HEADER = `${REPORT_COLUMNS.join(',')}\r\n`;
const row = (key: string, detail = ''): ReportRow => ({
  key,
  bytes: 1,
  sha256: 'a'.repeat(64),
  crc32: '00000000',
  result: 'written',
  reason: '',
  detail,
});

function logOf(rows: ReportRow[]): string {
  const path = join(tempDir(), 'success.csv');
  writeFileSync(path, HEADER + rows.map(csvLine).join(''));
  return path;
}

/** All pages after each other. */
async function allPages(path: string, { text = '', limit = 7 } = {}): Promise<LogRow[]> {
  const rows: LogRow[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page = await readLogPage(path, { after, limit, text });
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    expect(page.next ?? page.totalBytes).toBe(page.searchedBytes);
    rows.push(...page.rows);
    after = page.next;
  }
  return rows;
}

test('pages hold every line once, whatever its fields hold', async () => {
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'é', ' ') });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(field, field), { maxLength: 30 }), async (pairs) => {
      const rows = pairs.map(([key, detail]) => row(`k${key}`, `${detail}.`));
      const read = await allPages(logOf(rows), { limit: 4 });
      expect(read.map(({ key, detail }) => [key, detail])).toEqual(
        rows.map(({ key, detail }) => [key, detail]),
      );
    }),
    { numRuns: 60 },
  );
});

test('a search finds what lies chunks apart, and nothing else', async () => {
  const wanted = [3, 9_000, 19_998];
  const rows = Array.from({ length: 20_000 }, (_, i) =>
    row(wanted.includes(i) ? `photos/Zürich-${i}.jpg` : `data/${i}`),
  );
  const found = await allPages(logOf(rows), { text: 'ZÜRICH', limit: 2 });
  expect(found.map(({ key }) => key)).toEqual(wanted.map((i) => `photos/Zürich-${i}.jpg`));
  expect(await allPages(logOf(rows), { text: 'nowhere' })).toEqual([]);
});

test('a line longer than what is read at once stays whole', async () => {
  const long = 'x'.repeat(3 * 1024 * 1024);
  const read = await allPages(logOf([row('one'), row('two', long), row('three')]), { limit: 1 });
  expect(read.map(({ detail }) => detail.length)).toEqual([0, long.length, 0]);
});

test('an offset behind the end has nothing', async () => {
  const path = logOf([row('one')]);
  const page = await readLogPage(path, { after: 1_000_000, limit: 5, text: '' });
  expect(page).toMatchObject({ rows: [], next: null });
});
