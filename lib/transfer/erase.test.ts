import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeTree, snapshot } from '../testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../testing/volume-world.ts';
import { eraseDevice } from './erase.ts';
import { sealVolume } from './seal.ts';

const placesOf = ({ deviceDir, dir }: VolumeWorld) => ({ deviceDir, stateDir: join(dir, 'state') });

test.each(['sealed', 'bag'] as const)(
  'erasing a %s device takes the volume away and nothing else',
  async (kind) => {
    const world = await volumeWorld(kind);
    makeTree(world.source, { seed: 31, files: 9, bytesMax: 2000 });
    // An object that is called like a label is none.
    mkdirSync(join(world.source, 'waybill'));
    writeFileSync(join(world.source, 'waybill/label.json'), 'an object');
    await world.load();
    await sealVolume(world);
    writeFileSync(join(world.deviceDir, 'not ours'), 'kept');
    symlinkSync(world.source, join(world.deviceDir, 'waybill', 'link'));
    const erased = await eraseDevice(placesOf(world));
    expect(erased.files).toBeGreaterThan(3);
    expect(readdirSync(world.deviceDir)).toEqual(['not ours']);
    expect(snapshot(world.source).size).toBe(10);
  },
);

test('an erasure that was stopped is finished by the next', async () => {
  const world = await volumeWorld();
  makeTree(world.source, { seed: 32, files: 10, bytesMax: 2000 });
  await world.load();
  const places = placesOf(world);
  const abort = new AbortController();
  abort.abort();
  await expect(eraseDevice({ ...places, signal: abort.signal })).rejects.toMatchObject({
    name: 'AbortError',
  });
  // The label goes last: the device can still be told from a foreign one.
  expect(readdirSync(join(world.deviceDir, 'waybill'))).toContain('label.json');
  await eraseDevice(places);
  expect(readdirSync(world.deviceDir)).toEqual([]);
});
