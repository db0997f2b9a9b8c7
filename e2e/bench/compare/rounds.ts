import { spawnSync } from 'node:child_process';
import type { DataSet } from '../measure/datasets.ts';
import type { Measured } from '../measure/measure.ts';
import { type Place, warmMemory } from '../measure/places.ts';
import type { Contestant } from './contestants.ts';
import { closeArena, type Equipment, openArena } from './environment.ts';
import { runStep } from './run-step.ts';
import type { Series, Work } from './workloads.ts';

/** What all contestants did with one data set in one place. */
export interface Comparison {
  place: Place['name'];
  dataSet: { name: string; files: number; bytes: number };
  works: Work[];
  rounds: number;
  /** Whether goals are judged: the start of programs is most of the time of little data. */
  judged: boolean;
  runs: Map<Series, Measured[]>;
  /** Why a contestant was left out, by its id. */
  failures: Map<string, string>;
}

export interface RoundsOptions {
  place: Place;
  dataSet: DataSet;
  works: Work[];
  rounds: number;
  judged: boolean;
  contestants: Contestant[];
  equipment: Equipment;
  /** Told after every run. */
  onRun(line: string): void;
}

/**
 * Runs every contestant once a round, so that whatever else the machine does hits all of them, and starts
 * each round with another one. The first round warms up and does not count. A contestant that fails is left
 * out from then on.
 */
export async function runRounds(options: RoundsOptions): Promise<Comparison> {
  const { place, dataSet, works, rounds, judged, contestants, onRun } = options;
  const { name, files, bytes } = dataSet;
  const comparison: Comparison = {
    place: place.name,
    dataSet: { name, files, bytes },
    works,
    rounds,
    judged,
    runs: new Map(),
    failures: new Map(),
  };
  const asked = contestants.filter(({ steps }) => steps.some((step) => isAsked(step, works)));
  for (let round = 0; round <= rounds; round += 1) {
    const label = round === 0 ? 'warm-up' : `round ${round}/${rounds}`;
    for (const contestant of rotated(asked, round)) {
      if (comparison.failures.has(contestant.id)) continue;
      const say = (text: string) => onRun(`${label}  ${place.name} ${name}  ${text}`);
      await runContestant(contestant, options, { comparison, counts: round > 0, say });
    }
  }
  return comparison;
}

const isAsked = (step: { for: Work[] }, works: Work[]): boolean =>
  step.for.some((work) => works.includes(work));

const rotated = <T>(all: T[], by: number): T[] => {
  const at = all.length > 0 ? by % all.length : 0;
  return [...all.slice(at), ...all.slice(0, at)];
};

async function runContestant(
  contestant: Contestant,
  { place, dataSet, works, equipment }: RoundsOptions,
  told: { comparison: Comparison; counts: boolean; say: (text: string) => void },
): Promise<void> {
  const { runs, failures } = told.comparison;
  const syncDir = place.name === 'disk' ? place.dir : undefined;
  const arena = openArena(place, dataSet, equipment);
  try {
    for (const step of contestant.steps.filter((each) => isAsked(each, works))) {
      // What others left to be written is not this contestant's.
      if (syncDir) spawnSync('sync', ['-f', syncDir]);
      warmMemory(dataSet.bytes);
      const result = await runStep(contestant, step, arena, syncDir);
      if ('failed' in result) {
        failures.set(contestant.id, result.failed);
        return told.say(`failed: ${result.failed}`);
      }
      for (const { series, run } of result.measured) {
        told.say(`${series.padEnd(26)} ${run.seconds.toFixed(2)} s`);
        if (told.counts) runs.set(series, [...(runs.get(series) ?? []), run]);
      }
    }
  } finally {
    await closeArena(arena, place);
  }
}
