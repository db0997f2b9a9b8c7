import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeSeal } from '../../transfer/verify/restore-copies.ts';
import { readSeal, reopenVolume, sealVolume } from '../../transfer/verify/seal.ts';
import { verifyVolume } from '../../transfer/verify/verify.ts';
import { isSealed } from '../../volume/label.ts';
import { seededBytes, snapshot } from '../trees.ts';
import { type VolumeWorld, volumeWorld } from '../volume-world.ts';
import { withFaults } from './fault-fs.ts';
import { both, Killed, killAt, kindOf } from './kill/kill.ts';
import { PowerModel } from './power/power-model.ts';
import type { Scenario } from './scenario.ts';
import { rounds } from './story.ts';

const STEPS = ['reopen', 'load', 'seal'] as const;
type Step = (typeof STEPS)[number];

/** Takes the seal off a volume, adds to it and seals it again, while the power goes. */
export const reopening: Scenario = {
  name: 'reopening',
  about:
    'a sealed volume is reopened, loaded and sealed again, and the power goes within or right after a step: a seal that was taken off never comes back, a volume is sealed as it was, not at all, or anew, and whatever copies were written never contradict each other',
  factor: 2,
  async run({ seed, rounds: count }) {
    const totals = { cuts: 0, within: 0, sealed: 0 };
    await rounds({ seed, rounds: count, name: 'reopening' }, async ({ random, dir }) => {
      const world = await volumeWorld(kindOf(random), dir);
      const caPem = world.authority.certificatePem;
      for (const state of ['state', 'unload-state']) mkdirSync(join(dir, state));
      const file = (name: string) =>
        writeFileSync(join(world.source, name), seededBytes(Math.floor(random() * 1e9), 2000));
      file('before');
      await world.load();
      const { sealDigest: earlier } = await sealVolume(world);
      file('after');
      const roots = [world.deviceDir, `${dir}/state`];
      const power = new PowerModel(roots);
      const victim = STEPS[Math.floor(random() * STEPS.length)];
      for (const step of STEPS) {
        for (let again = step === victim; again; again = random() < 0.5) {
          const layer = killAt(1 + Math.floor(random() ** 2 * 120), random);
          const within = await dies(() =>
            withFaults(roots, both(layer, power), () => run(world, step)),
          );
          power.cut(random);
          totals.cuts += 1;
          totals.within += within ? 1 : 0;
          if (isSealed(world.deviceDir)) totals.sealed += 1;
          check(world, { step, within, earlier });
        }
        await withFaults(roots, power, () => run(world, step));
      }
      power.cut(random);
      const { intact, remarks } = await verifyVolume({ ...world, caPem, workers: 0 });
      assert.deepEqual({ intact, remarks }, { intact: true, remarks: [] });
      rmSync(world.bucketDir, { recursive: true, force: true });
      mkdirSync(world.bucketDir);
      await world.unload();
      assert.deepEqual(snapshot(world.bucketDir), snapshot(world.source));
    });
    return totals;
  },
};

/** A step as its command does it: what is done already is not done again. */
async function run(world: VolumeWorld, step: Step): Promise<void> {
  const { deviceDir, authority } = world;
  if (step === 'load') await world.load();
  else if (step === 'reopen') {
    if (isSealed(deviceDir)) await reopenVolume(world);
  } else if (isSealed(deviceDir)) completeSeal({ ...world, caPem: authority.certificatePem });
  else await sealVolume(world);
}

/** What a cut may leave: never a seal that does not verify, nor an old one after it was taken off. */
function check(
  world: VolumeWorld,
  { step, within, earlier }: { step: Step; within: boolean; earlier: string },
): void {
  if (!isSealed(world.deviceDir)) {
    assert(step !== 'seal' || within, 'a sealing that has ended stays');
    return;
  }
  const { digest } = readSeal({ ...world, caPem: world.authority.certificatePem });
  if (step === 'reopen') {
    assert(within, 'a seal that has been taken off does not come back');
    assert.equal(digest, earlier, 'the volume is sealed as it was');
    return;
  }
  assert.equal(step, 'seal', 'a load seals nothing');
  assert.notEqual(digest, earlier, 'the seal is the new one');
}

async function dies(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    if (isDeath(error)) return true;
    throw error;
  }
}

const isDeath = (error: unknown): boolean =>
  error instanceof Killed ||
  (error instanceof Error && error.cause !== undefined && isDeath(error.cause));
