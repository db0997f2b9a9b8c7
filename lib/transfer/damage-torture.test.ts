import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { damage } from '../testing/torture/damage.ts';
import { snapshot } from '../testing/trees.ts';
import { volumeWorld } from '../testing/volume-world.ts';
import { sealVolume } from './seal.ts';

test(damage.about, async () => {
  const counts = await damage.run({ seed: 1, rounds: 200, say: () => undefined });
  expect(counts).toMatchObject({ damages: 200, undetected: 0 });
  expect(counts.reported).toBeGreaterThan(60);
});

test('a lost page does not bring back the old bytes of what it replaced', async () => {
  const world = await volumeWorld();
  const file = join(world.source, 'changes');
  writeFileSync(file, 'old');
  utimesSync(file, 1e9, 1e9);
  writeFileSync(join(world.source, 'stays'), 'stays');
  await world.load();
  writeFileSync(file, 'new');
  await world.load();
  await sealVolume(world);
  rmSync(join(world.deviceDir, 'waybill/catalog/000002.cat'));
  const { summary } = await world.unload();
  expect(summary).toMatchObject({ outcome: 'with-errors', objects: 1, failed: 1 });
  expect([...snapshot(world.bucketDir).keys()]).toEqual(['stays']);
});
