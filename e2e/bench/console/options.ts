import { parseArgs } from 'node:util';
import { WaybillError } from '../../../lib/domain/errors.ts';

export const HELP = `npm run bench:console -- [options]

Seeds a console, lets agents report, asks for lists, opens pages in Chromium, and kills and restarts the console under
its agents. Writes e2e/bench/CONSOLE.md.

  --jobs N      jobs in the database (100000)
  --agents N    agents that report (200)
  --rounds N    requests for each list (20)
  --loads N     cold loads of each page (3)
  --hour        instead: hands in an hour of reports as fast as they are taken, and watches the memory meanwhile;
                writes e2e/bench/CONSOLE-HOUR.md`;

/** What is measured, and how much of it. */
export interface BenchOptions {
  jobs: number;
  agents: number;
  rounds: number;
  loads: number;
  hour: boolean;
}

const DEFAULTS = { jobs: 100_000, agents: 200, rounds: 20, loads: 3 };

/** Reads the options; undefined when help was asked for. Throws Usage. */
export function readOptions(args: string[]): BenchOptions | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    jobs: text,
    agents: text,
    rounds: text,
    loads: text,
  };
  const { values } = parseArgs({ args, options: { ...options, hour: flag, help: flag } });
  const { help, hour = false, ...given } = values;
  if (help) return undefined;
  const chosen: BenchOptions = { ...DEFAULTS, hour };
  for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
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
