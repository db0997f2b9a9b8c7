import assert from 'node:assert/strict';
import { type FaultLayer, withFaults } from '../fault-fs.ts';
import { both, dies, killAt, kindOf, rootsOf } from '../kill/kill.ts';
import type { Scenario } from '../scenario.ts';
import { rounds, STAGES, tellStory } from '../story.ts';
import { PowerModel } from './power-model.ts';

/** Cuts the power in the middle of a command, or the moment it has said that it is done. */
export const powerLoss: Scenario = {
  name: 'power loss',
  about:
    'the power goes within a command or right after it, once or again and again: of what was not synced every sector and every name may be old, new or gone; the same command again gives the result of an undisturbed run, and what a command reported as done stays done',
  factor: 2,
  async run({ seed, rounds: count }) {
    const totals = { cuts: 0, within: 0 };
    await rounds({ seed, rounds: count, name: 'power loss' }, async (round) => {
      const { random, dir, seed: own } = round;
      const story = await tellStory(kindOf(random), dir, own);
      // The source is the customer's and was written long ago.
      const roots = rootsOf(story).filter((root) => root !== story.world.source);
      const power = new PowerModel(roots);
      const victim = STAGES[Math.floor(random() * STAGES.length)];
      for (const stage of STAGES) {
        // What goes on after a cut may be cut, too.
        for (let again = stage === victim; again; again = random() < 0.5) {
          const layer = killAt(1 + Math.floor(random() ** 2 * 150), random);
          const within = await dies(story, stage, both(layer, power));
          totals.within += within ? 1 : 0;
          totals.cuts += 1;
          power.cut(random);
          if (!within && stage === 'load') {
            const { objects, alreadyDone } = await withPower(story, power, () =>
              story.world.load(),
            );
            assert.equal(alreadyDone, objects, 'what the load reported as copied is still there');
          }
        }
        await withPower(story, power, () => story.run(stage));
      }
      power.cut(random);
      story.check();
    });
    return totals;
  },
};

const withPower = <T>(
  story: Parameters<typeof rootsOf>[0],
  power: FaultLayer,
  work: () => Promise<T>,
): Promise<T> => withFaults(rootsOf(story), power, work);
