import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../../../lib/launch/console/console-process.ts';
import { describeMachine, machineLines } from '../measure/machine.ts';
import { type Agents, runAgents, runPerson } from './agents.ts';
import { type Follower, followEvents } from './follower.ts';
import { hourLines } from './hour.ts';
import { measureLists } from './lists.ts';
import { at } from './numbers.ts';
import { type BenchOptions, HELP, readOptions } from './options.ts';
import { measurePages, pageLines } from './pages.ts';
import { type ServedConsole, serveSeeded } from './served-console.ts';

/** Between two reports of an agent, as agents do it. */
const EVERY_MS = 2000;
const PERSON_EVERY_MS = 100;
const SETTLE_MS = 3000;
/** What the console has to reach. */
const GOALS = { listP95Ms: 100, usableMs: 1500 };

const HEAD =
  '# The console under load\n\nMade by `npm run bench:console`. Times are those of the client, over HTTP on the same machine.';
const HOUR_HEAD =
  '# An hour of reports\n\nMade by `npm run bench:console -- --hour`: as many reports as 200 agents send in an hour, handed in as fast as the console takes them.';

/** Seeds, serves, asks, opens pages, reports and restarts, or hands in an hour of reports; writes what it found. */
export async function benchConsole(args: string[]): Promise<void> {
  const options = readOptions(args);
  if (!options) return void process.stdout.write(`${HELP}\n`);
  const [load = 0] = loadavg();
  const dir = mkdtempSync(join(tmpdir(), 'waybill-bench-console-'));
  try {
    say(`seeding ${options.jobs} jobs`);
    const served = await serveSeeded(dir, options);
    try {
      const machine = machineLines(describeMachine([{ name: 'data', dir }], []));
      if (options.hour)
        writeResults('CONSOLE-HOUR.md', HOUR_HEAD, [...machine, ...(await hourLines(served, say))]);
      else
        writeResults('CONSOLE.md', HEAD, [...machine, ...(await measure(served, load, options))]);
    } finally {
      await served.stop();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const say = (text: string) => process.stderr.write(`${text}\n`);

interface Goal {
  what: string;
  goal: string;
  measured: string;
  isMet: boolean;
}

async function measure(served: ServedConsole, load: number, options: BenchOptions) {
  const { agents, rounds, loads, jobs } = options;
  const { url, client, token, copyingIds } = served;
  say('opening pages');
  const pages = await measurePages(url, { jobId: copyingIds[0] ?? '', loads });
  const slowest = pages.reduce((a, b) => (at(b.usableMs, 0.5) > at(a.usableMs, 0.5) ? b : a));
  const follower = followEvents(url, token);
  const reporting = runAgents(client, copyingIds, EVERY_MS);
  await sleep(SETTLE_MS);
  say('asking for lists while agents report');
  const lists = await measureLists(client, rounds);
  say('killing the console and starting it again under its agents');
  const person = runPerson(client, PERSON_EVERY_MS);
  await sleep(SETTLE_MS);
  const awayMs = await served.restart();
  await sleep(SETTLE_MS);
  await Promise.all([person.stop(), reporting.stop()]);
  await sleep(SETTLE_MS);
  follower.stop();
  const lost = lostOf(follower, reporting, person.made);
  const goals: Goal[] = [
    {
      what: 'jobs list, p95 over all lists while agents report',
      goal: `≤ ${GOALS.listP95Ms} ms`,
      measured: `${lists.p95.toFixed(0)} ms`,
      isMet: lists.p95 <= GOALS.listP95Ms,
    },
    {
      what: 'a page usable, cold, median of the slowest one',
      goal: `≤ ${GOALS.usableMs} ms`,
      measured: `${at(slowest.usableMs, 0.5).toFixed(0)} ms (\`${slowest.path}\`)`,
      isMet: at(slowest.usableMs, 0.5) <= GOALS.usableMs,
    },
    {
      what: 'events lost or repeated over a kill -9 and a restart',
      goal: '0',
      measured: `${lost + follower.disordered} of ${follower.created.size} new jobs and the last report of ${agents} agents`,
      isMet: lost + follower.disordered === 0 && person.made.length > 0,
    },
  ];
  return [
    `- ${jobs} jobs (seeded in ${(served.seedMs / 1000).toFixed(0)} s); ${agents} agents, each reporting every ${EVERY_MS / 1000} s; browser, agents and console share the machine`,
    `- load of the machine when it began: ${load.toFixed(1)}${load > 1 ? '; other programs were running, so times are too long' : ''}`,
    '',
    ...goalLines(goals),
    '',
    ...lists.lines,
    '',
    ...pageLines(pages),
    '',
    `- reports while lists were asked for and over the restart: ${reporting.took.length}, p50 ${at(reporting.took, 0.5).toFixed(0)} ms, p95 ${at(reporting.took, 0.95).toFixed(0)} ms; nobody was served for ${(awayMs / 1000).toFixed(1)} s`,
    `- the follower connected ${follower.connections} times`,
  ];
}

/** What was confirmed to its sender, and was not seen by who follows. */
function lostOf(follower: Follower, { taken }: Agents, made: readonly string[]): number {
  const reports = [...taken].filter(([jobId, bytes]) => follower.progress.get(jobId) !== bytes);
  return reports.length + made.filter((id) => !follower.created.has(id)).length;
}

function goalLines(goals: readonly Goal[]): string[] {
  return [
    '| goal | | measured | |',
    '| --- | --- | --- | --- |',
    ...goals.map(
      ({ what, goal, measured, isMet }) =>
        `| ${what} | ${goal} | ${measured} | ${isMet ? 'met' : '**missed**'} |`,
    ),
  ];
}

function writeResults(file: string, head: string, lines: readonly string[]): void {
  writeFileSync(join(ROOT, 'e2e/bench', file), `${head}\n\n${lines.join('\n')}\n`);
  process.stdout.write(`${lines.join('\n')}\n`);
}
