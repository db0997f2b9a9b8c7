import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../testing/temp.ts';
import { damage } from '../testing/torture/damage/damage.ts';
import { makeVictim } from '../testing/torture/damage/victim-volume.ts';
import { seeded, snapshot } from '../testing/trees.ts';
import { volumeWorld } from '../testing/volume-world.ts';
import { sealVolume } from './verify/seal.ts';
import { verifyVolume } from './verify/verify.ts';

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

test('a segment that is damaged with its page costs objects of other pages, and verify names them', async () => {
  const { world, pages } = await makeVictim('sealed', tempDir(), seeded(1));
  const owner = [...pages].find(([, records]) => records.some(({ key }) => `${key}` === 'large'));
  // The load was stopped within it: its first part lies in the first segment, its record in a later page.
  expect(owner?.[0]).toBeGreaterThan(1);
  for (const path of ['waybill/catalog/000001.cat', 'waybill/segments/000000/000001.seg'])
    writeFileSync(join(world.deviceDir, path), 'not what was written');
  const { damagedSegments, problems } = await verifyVolume({ ...world, workers: 0 });
  expect(damagedSegments).toContain(1);
  expect(problems.map(({ key }) => key)).toEqual(expect.arrayContaining(['', 'large']));
});
