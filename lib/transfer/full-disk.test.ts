import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TB } from '../domain/sizes.ts';
import { canMount, smallDisk } from '../testing/small-disk.ts';
import { makeTree, seededBytes, snapshot } from '../testing/trees.ts';
import { volumeWorld } from '../testing/volume-world.ts';
import { writeLabel } from '../volume/label.ts';
import type { TransferEvent } from './progress/progress.ts';
import { sealVolume } from './verify/seal.ts';
import { verifyVolume } from './verify/verify.ts';

const MB = 1_000_000;
const once = (phase: string, work: () => void) => {
  let done = false;
  return (event: TransferEvent) => {
    if (done || event.kind !== 'phase' || event.phase !== phase) return;
    done = true;
    work();
  };
};

test('data that does not fit is refused before the first byte', async () => {
  const world = await volumeWorld();
  for (const name of ['a', 'b', 'c']) {
    const fd = openSync(join(world.source, name), 'w');
    ftruncateSync(fd, 5 * TB);
    closeSync(fd);
  }
  await expect(world.load({ sizeBytes: 16 * TB })).rejects.toMatchObject({
    code: 'DeviceFull',
    exit: 4,
  });
  expect(existsSync(join(world.deviceDir, 'waybill/segments'))).toBe(false);
});

test('a file that cannot be read is reported, and the rest is copied', async () => {
  const world = await volumeWorld();
  writeFileSync(join(world.source, 'good'), 'good');
  symlinkSync('/proc/self/mem', join(world.source, 'unreadable'));
  const source = { kind: 'tree', root: world.source, symlinks: 'follow' } as const;
  const loaded = await world.load({ source });
  expect(loaded).toMatchObject({ objects: 1, failed: 1 });
  expect(loaded.problems).toMatchObject([{ key: 'unreadable', code: 'ObjectUnreadable' }]);
});

test('a file that is never as long as it says is reported as changing', async () => {
  const world = await volumeWorld();
  symlinkSync('/proc/uptime', join(world.source, 'changing'));
  const source = { kind: 'tree', root: world.source, symlinks: 'follow' } as const;
  const loaded = await world.load({ source });
  expect(loaded.problems).toMatchObject([{ key: 'changing', code: 'ObjectChanged' }]);
});

test('a file that disappears while the rest is copied is reported', async () => {
  const world = await volumeWorld();
  for (const name of ['a', 'b']) writeFileSync(join(world.source, name), name);
  const onEvent = once('copy', () => rmSync(join(world.source, 'b')));
  const loaded = await world.load({ onEvent });
  expect(loaded.problems).toMatchObject([{ key: 'b', code: 'ObjectVanished' }]);
});

describe.skipIf(!canMount)('a disk that fills up', () => {
  test('stops the load; with room again the same load goes on', async () => {
    const world = await volumeWorld();
    smallDisk(world.deviceDir, 60);
    writeLabel(world.deviceDir, world.label);
    for (let i = 0; i < 8; i += 1)
      writeFileSync(join(world.source, `file-${i}`), seededBytes(i, 5 * MB));
    const hog = join(world.deviceDir, 'hog');
    const onEvent = once('copy', () => writeFileSync(hog, Buffer.alloc(40 * MB)));
    await expect(world.load({ onEvent })).rejects.toMatchObject({ code: 'DeviceFull' });
    rmSync(hog);
    expect(await world.load()).toMatchObject({ objects: 8, failed: 0 });
    expect(await verifyVolume({ ...world, workers: 0 })).toMatchObject({ damaged: 0, objects: 8 });
  });

  test('stops the unload; with room again the same unload goes on', async () => {
    const world = await volumeWorld();
    makeTree(world.source, { seed: 1, files: 20, bytesMax: MB });
    writeFileSync(join(world.source, 'large'), seededBytes(3, 12 * MB));
    await world.load();
    await sealVolume(world);
    rmSync(world.storeRoot, { recursive: true });
    const disk = smallDisk(world.bucketDir, 8);
    await expect(world.unload()).rejects.toMatchObject({ code: 'StoreFull', exit: 5 });
    disk.remount('size=100m');
    const { summary } = await world.unload();
    expect(summary).toMatchObject({ objects: 21, failed: 0, outcome: 'succeeded' });
    expect(snapshot(world.bucketDir)).toEqual(snapshot(world.source));
  });

  test('or cannot be written is told as what it is', async () => {
    const world = await volumeWorld();
    const disk = smallDisk(world.deviceDir, 20);
    writeLabel(world.deviceDir, world.label);
    writeFileSync(join(world.source, 'a'), 'a');
    disk.remount('ro');
    await expect(world.load()).rejects.toMatchObject({ code: 'DeviceReadOnly' });
  });
});
