import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OverwritePolicy } from '../domain/words.ts';
import { volumeWorld } from '../testing/volume-world.ts';
import { sealVolume } from './verify/seal.ts';

/** A destination that holds one object with the same bytes and one with others, both from long ago. */
async function unloaded(overwrite: OverwritePolicy) {
  const world = await volumeWorld();
  for (const name of ['differs', 'new', 'same']) writeFileSync(join(world.source, name), name);
  await world.load();
  await sealVolume(world);
  const at = (name: string) => join(world.bucketDir, name);
  writeFileSync(at('same'), 'same');
  writeFileSync(at('differs'), 'of others');
  const longAgo = new Date('2001-02-03');
  for (const name of ['same', 'differs']) utimesSync(at(name), longAgo, longAgo);
  const { summary, files } = await world.unload({ overwrite });
  const isTouched = (name: string) => statSync(at(name)).mtimeMs !== longAgo.getTime();
  return { summary, failures: readFileSync(files['failure.csv'], 'utf8'), at, isTouched };
}

test('never: what is there stays, and what differs is named', async () => {
  const { summary, failures, at, isTouched } = await unloaded('never');
  expect(summary).toMatchObject({ objects: 2, alreadyPresent: 1, failed: 1 });
  expect(failures).toMatch(/^differs,.*,ObjectExists,/m);
  expect(readFileSync(at('differs'), 'utf8')).toBe('of others');
  expect(isTouched('same')).toBe(false);
});

test('if-different: only what differs is replaced', async () => {
  const { summary, at, isTouched } = await unloaded('if-different');
  expect(summary).toMatchObject({ objects: 3, alreadyPresent: 1, failed: 0 });
  expect(readFileSync(at('differs'), 'utf8')).toBe('differs');
  expect(isTouched('same')).toBe(false);
});

test('always: everything is written', async () => {
  const { summary, at, isTouched } = await unloaded('always');
  expect(summary).toMatchObject({ objects: 3, alreadyPresent: 0, failed: 0 });
  expect(readFileSync(at('differs'), 'utf8')).toBe('differs');
  expect(isTouched('same')).toBe(true);
});
