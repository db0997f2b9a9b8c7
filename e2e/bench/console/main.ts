import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createClient } from '../../../lib/api/client.ts';
import { freePort, ROOT, startConsole } from '../../../lib/launch/console-process.ts';
import { openDatabase } from '../../../lib/server/db/client.ts';
import { describeMachine, machineLines } from '../machine.ts';
import { followEvents, runAgents } from './agents.ts';
import { seedJobs } from './seed.ts';

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
  { what: 'created this month, by name', query: { filter: 'created >= 2026-11-01', sort: 'name' } },
  {
    what: 'outcome = with-errors and option = disk',
    query: { filter: 'outcome = with-errors and option = disk' },
  },
] as const;
const EVERY_MS = 2000;

/** Seeds, serves, asks, reports and restarts; writes e2e/bench/CONSOLE.md. */
export async function benchConsole(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      jobs: { type: 'string', default: '100000' },
      agents: { type: 'string', default: '200' },
      seconds: { type: 'string', default: '120' },
      rounds: { type: 'string', default: '20' },
    },
  });
  const [count, agents, seconds, rounds] = [
    values.jobs,
    values.agents,
    values.seconds,
    values.rounds,
  ].map(Number) as [number, number, number, number];
  const dir = mkdtempSync(join(tmpdir(), 'waybill-bench-console-'));
  try {
    const env = { WAYBILL_LOG: 'error' };
    const options = {
      host: '127.0.0.1',
      port: await freePort(),
      dataDir: dir,
      station: false,
      log: 'hide',
      env,
    } as const;
    let console = await startConsole(options);
    await console.stop();
    const db = openDatabase(join(dir, 'waybill.db'), join(ROOT, 'drizzle'));
    const { copyingIds } = await seedJobs(db, { count, copying: agents, now: new Date() });
    db.close();
    console = await startConsole(options);
    const token = readFileSync(join(dir, 'station.token'), 'utf8').trim();
    const client = createClient({ baseUrl: console.url, token });
    const lines = [...machineLines(describeMachine([{ name: 'data', dir }], [])), ''];
    lines.push(
      `${count} jobs; ${agents} agents, each reporting every ${EVERY_MS / 1000} s; ${rounds} requests a row, while the agents report.`,
      '',
    );
    const reports = runAgents(client, copyingIds, EVERY_MS);
    const page = followEvents(console.url, token);
    await sleep(5000);
    lines.push('| jobs list, 50 a page | p50 ms | p95 ms |', '| --- | --- | --- |');
    const every: number[] = [];
    for (const { what, query } of QUERIES) {
      const took: number[] = [];
      for (let i = 0; i < rounds; i += 1) {
        const started = performance.now();
        await client.call('listJobs', { query: { limit: 50, page: 1, ...query } });
        took.push(performance.now() - started);
      }
      every.push(...took);
      lines.push(`| ${what} | ${at(took, 0.5)} | ${at(took, 0.95)} |`);
    }
    lines.push(`| all | ${at(every, 0.5)} | ${at(every, 0.95)} |`, '');
    await console.stop();
    console = await startConsole(options);
    const memory: number[] = [];
    for (let i = 0; i < seconds; i += 10) {
      await sleep(10_000);
      memory.push(residentOf(options.port));
    }
    await reports.stop();
    await sleep(3000);
    page.stop();
    const lost = [...reports.taken].filter(([jobId, bytes]) => page.seen.get(jobId) !== bytes);
    lines.push(
      `- ${reports.took.length} reports taken, p50 ${at(reports.took, 0.5)} ms, p95 ${at(reports.took, 0.95)} ms (one restart of the console among them)`,
    );
    lines.push(
      `- the follower connected ${page.connections()} times; jobs whose last report it did not see: ${lost.length} of ${reports.taken.size}`,
    );
    lines.push(`- resident memory of the server every 10 s, MB: ${memory.join(', ')}`);
    await console.stop();
    writeFileSync(
      join(ROOT, 'e2e/bench/CONSOLE.md'),
      `# The console under load\n\nMade by \`npm run bench:console\`. Times are those of the client, over HTTP on the same machine.\n\n${lines.join('\n')}\n`,
    );
    process.stdout.write(`${lines.join('\n')}\n`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function at(took: readonly number[], share: number): string {
  const sorted = [...took].sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0);
}

/** Resident memory of the process that serves on a port, MB (Linux; 0 elsewhere). */
function residentOf(port: number): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (!command.includes('next') || !command.includes(`\0${port}`)) continue;
      const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return Math.round(Number(kib) / 1000);
    } catch {
      // The process has ended meanwhile.
    }
  }
  return 0;
}
