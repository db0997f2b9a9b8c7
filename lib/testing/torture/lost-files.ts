import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeParity } from '../../transfer/parity/parity.ts';
import { unloadRepaired } from '../../transfer/unload/unload-with-repair.ts';
import { sealVolume } from '../../transfer/verify/seal.ts';
import { readLabel } from '../../volume/label.ts';
import { seededBytes, snapshot } from '../trees.ts';
import { volumeWorld } from '../volume-world.ts';
import { withFaults } from './fault-fs.ts';
import { Killed, killAt } from './kill/kill.ts';
import type { Scenario } from './scenario.ts';
import { rounds } from './story.ts';

/** Damages what parity can carry: bad sectors all over, and a lost file in each set. */
export const lostFiles: Scenario = {
  name: 'lost files',
  about:
    'of a volume with parity a segment and a page vanish, or sectors of several rot, and label or seal besides: the import is complete all the same, also when it is killed within the repair',
  factor: 1,
  async run({ seed, rounds: count }) {
    const totals = { damages: 0, repaired: 0, kills: 0 };
    await rounds({ seed, rounds: count, name: 'lost files' }, async ({ random, dir }) => {
      const world = await volumeWorld('sealed', dir);
      const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
      for (let i = 0; i < 5; i += 1) {
        const bytes = Math.floor(random() * (i === 1 ? 2_300_000 : 9000));
        writeFileSync(join(world.source, `f${i}`), seededBytes(Math.floor(random() * 1e9), bytes));
        await world.load();
      }
      // Two parity shards for each set of five.
      await writeParity({ ...world, percent: 40, workers: 0 });
      await sealVolume(world);
      const list = (folder: string) =>
        readdirSync(join(world.deviceDir, 'waybill', folder)).map((name) =>
          join(world.deviceDir, 'waybill', folder, name),
        );
      for (const folder of ['segments/000000', 'catalog']) {
        const victims = [pick(list(folder)), pick(list(folder))];
        for (const path of victims) {
          totals.damages += 1;
          damage(path, random);
        }
      }
      if (random() < 0.5) rmSync(join(world.deviceDir, 'waybill', pick(['seal.bin', 'seal.cms'])));
      if (random() < 0.3) {
        rmSync(join(world.deviceDir, 'waybill/label.json'));
        assert.deepEqual(readLabel(world.deviceDir), world.label);
      }
      const importing = () => unloadRepaired(world.unloadOptions());
      // Most of its calls are the repair's.
      const layer = killAt(1 + Math.floor(random() * 350), random);
      if (await isKilled(withFaults([world.deviceDir], layer, importing))) totals.kills += 1;
      const { summary, repaired } = await importing();
      assert.equal(summary.outcome, 'succeeded');
      assert.deepEqual(snapshot(world.bucketDir), snapshot(world.source));
      totals.repaired += repaired.length;
    });
    return totals;
  },
};

const isKilled = (run: Promise<unknown>): Promise<boolean> =>
  run.then(
    () => false,
    (error) => {
      if (error instanceof Killed) return true;
      throw error;
    },
  );

function damage(path: string, random: () => number): void {
  if (random() < 0.4) {
    rmSync(path, { force: true });
    return;
  }
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return;
  }
  const from = Math.floor(random() * bytes.length);
  if (random() < 0.3) writeFileSync(path, bytes.subarray(0, from));
  else writeFileSync(path, bytes.fill(0, from, Math.min(bytes.length, from + 4096)));
}
