import { parseArgs } from 'node:util';
import { WaybillError } from '../../../lib/domain/errors.ts';

export const HELP = `npm run bench:console -- [options]

Seeds a console, lets agents report, asks for lists, opens pages in Chromium, kills and restarts the console under
its agents, and hands in an hour of reports as fast as they are taken. Writes e2e/bench/CONSOLE.md.

  --jobs N      jobs in the database (100000)
  --agents N    agents that report (200)
  --rounds N    requests for each list (20)
  --loads N     cold loads of each page (3)
  --reports N   reports handed in to watch the memory; 360000 are an hour of 200 agents (360000)
  --limit S     longest time for those reports, seconds (150)`;

/** What is measured, and how much of it. */
export interface BenchOptions {
  jobs: number;
  agents: number;
  rounds: number;
  loads: number;
  reports: number;
  limit: number;
}

const DEFAULTS: BenchOptions = {
  ...{ jobs: 100_000, agents: 200, rounds: 20, loads: 3, reports: 360_000, limit: 150 },
};

/** Reads the options; undefined when help was asked for. Throws Usage. */
export function readOptions(args: string[]): BenchOptions | undefined {
  const text = { type: 'string' } as const;
  const options = {
    jobs: text,
    agents: text,
    rounds: text,
    loads: text,
    reports: text,
    limit: text,
  };
  const { values } = parseArgs({ args, options: { ...options, help: { type: 'boolean' } } });
  const { help, ...given } = values;
  if (help) return undefined;
  const chosen = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof BenchOptions)[]) {
    const typed = given[name];
    if (typed === undefined) continue;
    const number = Number(typed);
    if (!Number.isInteger(number) || number < 1)
      throw new WaybillError('Usage', { detail: `--${name} takes a whole number from 1 on` });
    chosen[name] = number;
  }
  if (chosen.agents > chosen.jobs)
    throw new WaybillError('Usage', { detail: 'there are no more agents than jobs' });
  return chosen;
}
