import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkPlan } from '../../domain/processing.ts';
import { volumeWorld } from '../../testing/volume-world.ts';
import { sealVolume } from '../../transfer/verify/seal.ts';
import { compareProcessed } from './compare-processed.ts';

test('what was processed is proved by running its steps again; a byte or a line that differs shows', async () => {
  const world = await volumeWorld();
  mkdirSync(join(world.source, 'empty'));
  for (const name of ['a.txt', 'b.txt', 'c.bin'])
    writeFileSync(join(world.source, name), `content of ${name}\n`.repeat(50));
  const plan = checkPlan({
    originals: 'keep',
    steps: [
      { step: 'filter', exclude: ['b.*'] },
      { step: 'gzip', match: ['*.txt'] },
    ],
  });
  await world.load({ processing: { plan, network: false } });
  await sealVolume(world);
  const { provenance = '' } = await world.unload();
  const { source, bucketDir: destination } = world;
  const compared = () =>
    compareProcessed({ source, destination, except: 'waybill-reports/', plan, provenance });
  // a.txt, a.txt.gz, c.bin and the empty directory
  expect(await compared()).toMatchObject({ same: 4, made: 1, mismatchCount: 0 });

  writeFileSync(join(destination, 'a.txt.gz'), 'something else');
  writeFileSync(join(destination, 'b.txt'), 'was left out');
  writeFileSync(provenance, readFileSync(provenance, 'utf8').replace('"gzip"', '"zstd"'));
  expect(await compared()).toMatchObject({
    same: 3,
    mismatches: ['a.txt.gz', 'b.txt', 'a.txt.gz (provenance)'],
  });
});

test('lists of checksums are made of all objects together, and proved like the rest', async () => {
  const world = await volumeWorld();
  mkdirSync(join(world.source, 'd'));
  for (const name of ['b', 'a', 'd/c', 'd/ä'])
    writeFileSync(join(world.source, name), `content of ${name}\n`);
  const plan = checkPlan({ steps: [{ step: 'checksums', list: '{dir}SHA256SUMS' }] });
  await world.load({ processing: { plan, network: false }, workers: 2 });
  await sealVolume(world);
  const { provenance = '' } = await world.unload();
  const { source, bucketDir: destination } = world;
  const compared = () =>
    compareProcessed({ source, destination, except: 'waybill-reports/', plan, provenance });
  expect(await compared()).toMatchObject({ same: 6, made: 4, mismatchCount: 0 });
  const lines = readFileSync(provenance, 'utf8');
  writeFileSync(provenance, lines.replace('"lines":2', '"line":2'));
  expect((await compared()).mismatches).toEqual([expect.stringMatching(/SHA256SUMS/)]);
});
