import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { names } from '../testing/torture/names/names.ts';
import { snapshot } from '../testing/trees.ts';
import { volumeWorld } from '../testing/volume-world.ts';
import { sealVolume } from './verify/seal.ts';

test(names.about, async () => {
  const counts = await names.run({ seed: 1, rounds: 12, say: () => undefined });
  expect(counts.landed).toBeGreaterThan(100);
  expect(counts.reported).toBeGreaterThan(20);
});

test('a folder whose name is not UTF-8 does not end the scan', async () => {
  const world = await volumeWorld();
  const folder = Buffer.concat([Buffer.from(`${world.source}/`), Buffer.from([0xff])]);
  mkdirSync(folder);
  writeFileSync(Buffer.concat([folder, Buffer.from('/file')]), 'x');
  writeFileSync(join(world.source, 'good'), 'x');
  const source = { kind: 'tree', root: world.source, symlinks: 'follow' } as const;
  expect(await world.load({ source })).toMatchObject({ objects: 1, failed: 1 });
});

test('a file of holes, larger than a segment, has its bytes', async () => {
  const world = await volumeWorld();
  writeFileSync(join(world.source, 'sparse'), 'begins');
  truncateSync(join(world.source, 'sparse'), 260 * 1024 * 1024);
  await world.load();
  await sealVolume(world);
  await world.unload();
  expect(snapshot(world.bucketDir)).toEqual(snapshot(world.source));
});
