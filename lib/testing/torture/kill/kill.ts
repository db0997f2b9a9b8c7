import type { VolumeKind } from '../../../domain/words.ts';
import { type FaultLayer, type FsCall, withFaults } from '../fault-fs.ts';
import type { Scenario } from '../scenario.ts';
import { rounds, STAGES, type Story, tellStory } from '../story.ts';

/** What a call throws in a process that is dead. */
export class Killed extends Error {}

/** Calls that leave everything as it is: to die before one of them is to die before the next that does not. */
const LOOKS = [
  'close',
  'read',
  'readdir',
  'opendir',
  'lstat',
  'stat',
  'fstat',
  'statfs',
  'readFile',
  'exists',
  'access',
  'realpath',
];
const changes = ({ name, args }: FsCall): boolean =>
  !LOOKS.includes(name) && !(name === 'open' && opensToRead(args[1]));
const opensToRead = (flags: unknown): boolean =>
  flags === undefined || flags === 'r' || (typeof flags === 'number' && (flags & 3) === 0);

/** Ends the process before the n-th call that changes something, or within it when it writes; every later call finds it dead. */
export function killAt(n: number, random: () => number): FaultLayer & { calls: number } {
  let dead = false;
  let dying = false;
  const layer = {
    calls: 0,
    before: (call: FsCall) => {
      if (dead) throw new Killed();
      if (!changes(call)) return undefined;
      layer.calls += 1;
      if (layer.calls !== n) return undefined;
      dying = (call.name === 'write' || call.name === 'writev') && random() < 0.5;
      dead = true;
      if (!dying) throw new Killed();
      return Math.floor(random() * 5000) + 1;
    },
    after: () => {
      if (dying) throw new Killed();
    },
  };
  return layer;
}

/** Two layers, one inside the other. */
export function both(first: FaultLayer, second: FaultLayer): FaultLayer {
  return {
    before: (call) => {
      const length = first.before?.(call);
      return second.before?.(call) ?? length;
    },
    after: (call, result) => {
      first.after?.(call, result);
      second.after?.(call, result);
    },
  };
}

/** The directories in which a story takes place. */
export const rootsOf = ({ world }: Story): string[] => [
  world.deviceDir,
  world.source,
  world.storeRoot,
  `${world.dir}/state`,
  `${world.dir}/unload-state`,
];

export const kindOf = (random: () => number): VolumeKind => (random() < 0.6 ? 'sealed' : 'bag');

/** Kills every command at random calls, and runs it again. */
export const kill: Scenario = {
  name: 'kill -9',
  about:
    'the agent dies before or within a file system call of load, parity, verify, seal or unload; the same command again gives the result of an undisturbed run, writes nothing to the store twice and leaves nothing behind on the device',
  factor: 2,
  async run({ seed, rounds: count }) {
    const totals = { kills: 0, calls: 0 };
    await rounds({ seed, rounds: count, name: 'kill -9' }, async ({ random, dir, seed: own }) => {
      const story = await tellStory(kindOf(random), dir, own);
      const victim = STAGES[Math.floor(random() * STAGES.length)];
      for (const stage of STAGES) {
        for (let again = 0; stage === victim && again < 3; again += 1) {
          // Most stages have between 60 and 400 calls; a number beyond the last one kills nobody.
          const layer = killAt(1 + Math.floor(random() ** 2 * 150), random);
          const died = await dies(story, stage, both(layer, story.counting));
          totals.calls += layer.calls;
          totals.kills += died ? 1 : 0;
          if (!died) break;
        }
        await withFaults(rootsOf(story), story.counting, () => story.run(stage));
      }
      story.check();
    });
    return totals;
  },
};

/** Runs a stage with a layer. Returns whether it was killed; a stage that was through before is fine. */
export async function dies(
  story: Story,
  stage: (typeof STAGES)[number],
  layer: FaultLayer,
): Promise<boolean> {
  let died = false;
  const noticing: FaultLayer = {
    before: (call) => {
      try {
        return layer.before?.(call);
      } catch (error) {
        died = true;
        throw error;
      }
    },
    after: (call, result) => {
      try {
        layer.after?.(call, result);
      } catch (error) {
        died = true;
        throw error;
      }
    },
  };
  try {
    await withFaults(rootsOf(story), noticing, () => story.run(stage));
  } catch (error) {
    if (!died) throw error;
  }
  return died;
}
