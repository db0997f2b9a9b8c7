import type { Client } from '../../../lib/api/client.ts';
import { at } from './numbers.ts';

const monthStart = `${new Date().toISOString().slice(0, 7)}-01`;

/** What a person asks of the list: filter, order, page. */
const QUERIES = [
  { what: 'newest', query: {} },
  { what: 'page 1000', query: { page: 1000 } },
  { what: 'by name', query: { sort: 'name', order: 'ascending' } },
  { what: 'by size, page 500', query: { sort: 'size', page: 500 } },
  {
    what: 'state = at-site, longest first',
    query: { filter: 'state = at-site', sort: 'since', order: 'ascending' },
  },
  { what: 'needs attention', query: { filter: 'attention = yes' } },
  { what: 'text : archive', query: { filter: 'text : archive' } },
  { what: 'name : zzz (none)', query: { filter: 'name : zzz' } },
  {
    what: 'created this month, by name',
    query: { filter: `created >= ${monthStart}`, sort: 'name' },
  },
  {
    what: 'outcome = with-errors and option = disk',
    query: { filter: 'outcome = with-errors and option = disk' },
  },
] as const;

/** Asks for every list `rounds` times. Returns a Markdown table, and the p95 over all of them, ms. */
export async function measureLists(
  client: Client,
  rounds: number,
): Promise<{ lines: string[]; p95: number }> {
  const lines = ['| jobs list, 50 a page | p50 ms | p95 ms |', '| --- | --- | --- |'];
  const every: number[] = [];
  const row = (what: string, took: readonly number[]) =>
    lines.push(`| ${what} | ${at(took, 0.5).toFixed(0)} | ${at(took, 0.95).toFixed(0)} |`);
  for (const { what, query } of QUERIES) {
    const took: number[] = [];
    for (let i = 0; i < rounds; i += 1) {
      const started = performance.now();
      await client.call('listJobs', { query: { limit: 50, page: 1, ...query } });
      took.push(performance.now() - started);
    }
    every.push(...took);
    row(what, took);
  }
  row('all', every);
  return { lines, p95: at(every, 0.95) };
}
