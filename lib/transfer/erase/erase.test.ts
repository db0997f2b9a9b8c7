import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canMount, smallDisk } from '../../testing/small-disk.ts';
import { makeTree, snapshot } from '../../testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../../testing/volume-world.ts';
import { sealVolume } from '../verify/seal.ts';
import { eraseDevice } from './erase.ts';

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

const PLACES = [
  'waybill',
  'waybill/segments',
  'waybill/catalog',
  'waybill/segments/000000',
  'data',
];

test.each(PLACES)(
  'a link in the place of %s is removed, and what it points at is not',
  async (at) => {
    const world = await volumeWorld();
    makeTree(world.source, { seed: 33, files: 3, bytesMax: 2000 });
    await world.load();
    const before = snapshot(world.source);
    rmSync(join(world.deviceDir, at), { recursive: true, force: true });
    symlinkSync(world.source, join(world.deviceDir, at));
    await eraseDevice(placesOf(world));
    expect(readdirSync(world.deviceDir)).toEqual([]);
    expect(snapshot(world.source)).toEqual(before);
  },
);

test('pipes, device nodes, loops and files without an end hold no erasure up', async () => {
  const world = await volumeWorld();
  makeTree(world.source, { seed: 34, files: 3, bytesMax: 2000 });
  await world.load();
  const at = (name: string) => join(world.deviceDir, 'waybill/segments', name);
  spawnSync('mkfifo', [at('pipe')]);
  spawnSync('mknod', [at('null'), 'c', '1', '3']);
  symlinkSync('loop', at('loop'));
  symlinkSync('.', at('self'));
  writeFileSync(at('hole'), '');
  truncateSync(at('hole'), 2 ** 42);
  writeFileSync(at('odd'), 'secret');
  truncateSync(at('odd'), 2 ** 26);
  writeFileSync(join(world.deviceDir, '.tmp-manifest-sha256.txt'), 'left by a kill');
  await eraseDevice(placesOf(world));
  expect(readdirSync(world.deviceDir)).toEqual([]);
});

test.runIf(canMount)('the data between the holes of a file is overwritten', async () => {
  const world = await volumeWorld();
  smallDisk(world.deviceDir, 16);
  mkdirSync(join(world.deviceDir, 'waybill'));
  const path = join(world.deviceDir, 'waybill/odd');
  writeFileSync(path, 'secret at the start');
  truncateSync(path, 2 ** 30);
  const fd = openSync(path, 'r+');
  writeSync(fd, 'secret in the middle', 2 ** 29 + 123);
  writeSync(fd, 'secret at the end', 2 ** 30 - 17);
  // Open to the end: what was in it can be read after its name is gone.
  await eraseDevice(placesOf(world));
  expect(existsSync(path)).toBe(false);
  const left = readFileSync(`/proc/self/fd/${fd}`);
  closeSync(fd);
  expect(left.length).toBe(2 ** 30);
  expect(left.includes('secret')).toBe(false);
});

test.runIf(canMount)('a file system that is mounted on the device is not touched', async () => {
  const world = await volumeWorld();
  makeTree(world.source, { seed: 35, files: 3, bytesMax: 2000 });
  await world.load();
  const inner = join(world.deviceDir, 'waybill/parity');
  smallDisk(inner, 1);
  writeFileSync(join(inner, 'theirs'), 'theirs');
  await expect(eraseDevice(placesOf(world))).rejects.toMatchObject({ code: 'DeviceHostile' });
  expect(readFileSync(join(inner, 'theirs'), 'utf8')).toBe('theirs');
  expect(readdirSync(join(world.deviceDir, 'waybill'))).toContain('label.json');
});

test('a file that has other names is only removed: its bytes are somebody else’s, too', async () => {
  const world = await volumeWorld();
  makeTree(world.source, { seed: 37, files: 5, bytesMax: 2000 });
  await world.load();
  await sealVolume(world);
  const theirs = join(world.dir, 'theirs');
  writeFileSync(theirs, 'a file of the host');
  linkSync(theirs, join(world.deviceDir, 'waybill/linked'));
  const { method, files } = await eraseDevice(placesOf(world));
  expect(readFileSync(theirs, 'utf8')).toBe('a file of the host');
  expect(readdirSync(world.deviceDir)).toEqual([]);
  expect(method).toContain('; 1 file had other names and was only removed');
  expect(files).toBeGreaterThan(3);
});
