import { parseArgs } from 'node:util';
import { damage } from './damage/damage.ts';
import { hostile } from './hostile/hostile.ts';
import { ioErrors } from './io-errors.ts';
import { kill } from './kill/kill.ts';
import { realKill } from './kill/real-kill.ts';
import { lostFiles } from './lost-files.ts';
import { lyingDevices } from './lying-devices.ts';
import { movingSource } from './moving-source.ts';
import { names as awkwardNames } from './names/names.ts';
import { parsers } from './parsers/parsers.ts';
import { powerLoss } from './power/power-loss.ts';
import { reopening } from './reopening.ts';
import type { Scenario } from './scenario.ts';
import { stores } from './stores.ts';

const SCENARIOS: Scenario[] = [
  kill,
  realKill,
  powerLoss,
  reopening,
  ioErrors,
  movingSource,
  lostFiles,
  damage,
  hostile,
  awkwardNames,
  parsers,
  stores,
  lyingDevices,
];

const HELP = `npm run torture -- [--seed N] [--rounds N] [--only NAME,…]

Interrupts, damages and deceives transfers at random points, and checks that nothing is lost.

  --seed N     where the random numbers begin (default: a new one, which is printed)
  --rounds N   how long: 200 takes a quarter of an hour or more (default: 200)
  --only NAME  some of: ${SCENARIOS.map(({ name }) => name).join(', ')}

A failure names its seed and round; the same seed with as many rounds comes to it again.

  npm run torture -- --seed 7 --rounds 200
  npm run torture -- --only "kill -9,power loss" --rounds 1000
`;

/** Runs the scenarios one after the other. Returns the exit code. */
export async function torture(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      seed: { type: 'string' },
      rounds: { type: 'string', default: '200' },
      only: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const say = (line: string) => process.stdout.write(`${line}\n`);
  if (values.help) {
    say(HELP);
    return 0;
  }
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6));
  const rounds = Number(values.rounds);
  const names = values.only?.split(',').map((name) => name.trim());
  const unknown = names?.find((name) => SCENARIOS.every((scenario) => scenario.name !== name));
  if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(rounds) || rounds < 1 || unknown) {
    say(unknown ? `there is no ${unknown}\n\n${HELP}` : HELP);
    return 2;
  }
  say(`seed ${seed}, ${rounds} rounds`);
  let failures = 0;
  for (const scenario of SCENARIOS) {
    if (names && !names.includes(scenario.name)) continue;
    failures += (await attempt(scenario, { seed, rounds }, say)) ? 0 : 1;
  }
  say(failures === 0 ? 'nothing was lost' : `${failures} of the scenarios failed`);
  return failures === 0 ? 0 : 1;
}

async function attempt(
  scenario: Scenario,
  { seed, rounds }: { seed: number; rounds: number },
  say: (line: string) => void,
): Promise<boolean> {
  say(`\n${scenario.name}: ${scenario.about}`);
  const startedAt = Date.now();
  const seconds = () => `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
  try {
    const counts = await scenario.run({ seed, rounds: rounds * scenario.factor, say });
    const facts = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
    say(`  ok: ${facts.join(', ')} (${seconds()})`);
    return true;
  } catch (error) {
    say(`  FAILED after ${seconds()}: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}
