import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../stores/open.ts';
import { loopDevice, loopMissing, mounted, writeInto } from '../../testing/loop-device.ts';
import { ebsServer } from '../../testing/servers/ebs-server.ts';
import { listKeys, readObject } from '../../testing/store-world.ts';
import { tempDir } from '../../testing/temp.ts';
import { type FsCall, withFaults } from '../../testing/torture/fault-fs.ts';
import { seededBytes } from '../../testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../../testing/volume-world.ts';
import type { LoadOptions } from '../load/load-options.ts';
import { sealVolume } from '../verify/seal.ts';
import { sourceAt } from './source.ts';
import type { ImageSource } from './source-spec.ts';

const BLOCK = 524_288;
const MiB = 1024 * 1024;

/** An image of which blocks 1, 2 and the last have data. */
function sparseImage(blocks: number): Buffer {
  const image = Buffer.alloc(blocks * BLOCK);
  seededBytes(1, 2 * BLOCK).copy(image, BLOCK);
  seededBytes(2, BLOCK).copy(image, (blocks - 1) * BLOCK);
  return image;
}

const imageAt = (path: string, name?: string) => {
  const source = sourceAt(path, { symlinks: 'skip', name });
  expect(source.kind).toBe('image');
  return source as ImageSource;
};

/** Imports the volume into a stand-in of EBS; returns what its snapshots hold. */
async function imported(world: VolumeWorld): Promise<Map<string, Buffer>> {
  await sealVolume(world);
  const spec = { kind: 'ebs', root: world.storeRoot, bucket: 'bucket' } as const;
  const { summary } = await world.unload({ target: { kind: 'store', spec, prefix: '' } });
  expect(summary).toMatchObject({ outcome: 'succeeded' });
  const store = openStore(spec);
  const images = new Map<string, Buffer>();
  for (const key of await listKeys(store)) images.set(key, await readObject(store, key));
  await store.close();
  return images;
}

/** Loads an image, and does something after every read of it: told is how many bytes of it have been read. */
function loadWhile(
  world: VolumeWorld,
  source: ImageSource,
  act: (bytes: number) => void,
  changes: Partial<LoadOptions> = {},
) {
  let bytes = 0;
  const after = ({ name }: FsCall, result: unknown) => {
    if (name !== 'read' || typeof result !== 'number') return;
    bytes += result;
    act(bytes);
  };
  return withFaults([source.path], { after }, () => world.load({ source, ...changes }));
}

/** Loads so many bytes of an image, and stops. */
async function loadSome(world: VolumeWorld, source: ImageSource, bytes: number) {
  const abort = new AbortController();
  const stop = (read: number) => {
    if (read >= bytes) abort.abort();
  };
  const { signal } = abort;
  await expect(loadWhile(world, source, stop, { signal })).rejects.toMatchObject({
    name: 'AbortError',
  });
}

describe('a file that holds an image', () => {
  test.each(['sealed', 'bag'] as const)('becomes one object of a %s volume', async (kind) => {
    const world = await volumeWorld(kind);
    const image = sparseImage(20);
    const path = join(world.dir, 'root.img');
    writeFileSync(path, image);
    const source = imageAt(path);
    expect(await world.load({ source })).toMatchObject({ objects: 1, bytes: image.length });
    expect(await world.load({ source })).toMatchObject({ objects: 1, alreadyDone: 1 });
    const images = await imported(world);
    expect([...images.keys()]).toEqual(['root.img']);
    expect(images.get('root.img')?.equals(image)).toBe(true);
  });

  test('is taken through a link, has the key it is given, and is not one of the device itself', async () => {
    const world = await volumeWorld();
    const path = join(world.dir, 'root.img');
    writeFileSync(path, seededBytes(3, 1000));
    symlinkSync(path, join(world.dir, 'link'));
    const source = imageAt(join(world.dir, 'link'), 'racks/7/root.raw');
    await world.load({ source });
    expect([...(await imported(world)).keys()]).toEqual(['racks/7/root.raw']);
    const other = await volumeWorld();
    mkdirSync(join(other.deviceDir, 'in'));
    writeFileSync(join(other.deviceDir, 'in/x.img'), 'x');
    await expect(
      other.load({ source: imageAt(join(other.deviceDir, 'in/x.img')) }),
    ).rejects.toMatchObject({ code: 'SourceIsDevice' });
    await expect(
      other.load({ source: { kind: 'image', path: join(other.dir, 'gone'), key: 'gone' } }),
    ).rejects.toMatchObject({ code: 'SourceNotFound' });
    await expect(
      other.load({ source: { kind: 'image', path: other.dir, key: 'dir' } }),
    ).rejects.toMatchObject({ code: 'SourceNotFound', message: /it is not a file/ });
  });

  test('is the only source that has a name of its own', () => {
    expect(() => sourceAt('/tmp', { symlinks: 'skip', name: 'x' })).toThrow(/--name/);
    expect(sourceAt('/dev/null', { symlinks: 'skip' }).kind).toBe('tree');
    expect(sourceAt('/nowhere/at/all', { symlinks: 'skip' }).kind).toBe('tree');
  });
});

const missing = loopMissing();
if (missing) console.warn(`tests of block devices are left out: ${missing}`);

describe.skipIf(missing)('a block device', () => {
  function deviceWith(world: VolumeWorld, image: Buffer) {
    const file = join(world.dir, 'backing');
    writeFileSync(file, image);
    return loopDevice(file);
  }

  test('becomes a snapshot of its whole size, in a folder and by the direct APIs', async () => {
    const world = await volumeWorld();
    const image = sparseImage(12);
    const { path } = deviceWith(world, image);
    const source = imageAt(path);
    expect(source.key).toMatch(/^loop\d+\.raw$/);
    expect(statSync(path).size).toBe(0);
    expect(await world.load({ source })).toMatchObject({ objects: 1, bytes: image.length });
    expect(await world.load({ source })).toMatchObject({ objects: 1, alreadyDone: 1 });
    const images = await imported(world);
    expect(images.get(source.key)?.equals(image)).toBe(true);

    const { place, snapshots } = await ebsServer();
    const spec = { kind: 'ebs', bucket: 'disks', remote: place } as const;
    const { summary } = await world.unload({
      target: { kind: 'store', spec, prefix: '' },
      stateDir: join(world.dir, 'direct-state'),
    });
    expect(summary).toMatchObject({ outcome: 'succeeded', objects: 1, bytes: image.length });
    const [snapshot] = snapshots.values();
    expect(snapshot?.completed).toBe(true);
    expect([...(snapshot?.blocks.keys() ?? [])].sort((a, b) => a - b)).toEqual([1, 2, 11]);
    for (const [index, block] of snapshot?.blocks ?? [])
      expect(block.equals(image.subarray(index * BLOCK, (index + 1) * BLOCK))).toBe(true);
  });

  test('of an odd size is read to its last sector', async () => {
    const world = await volumeWorld();
    const image = seededBytes(5, 3 * MiB + 512);
    const { path } = deviceWith(world, image);
    expect(await world.load({ source: imageAt(path, 'odd') })).toMatchObject({
      bytes: image.length,
    });
    expect((await imported(world)).get('odd')?.equals(image)).toBe(true);
  });

  test('goes on within its image after a stop, also with a part that has changed since', async () => {
    const world = await volumeWorld();
    const image = seededBytes(6, 32 * MiB);
    const { path } = deviceWith(world, image);
    const source = imageAt(path, 'root.raw');
    await loadSome(world, source, 8 * MiB);
    await loadSome(world, source, 20 * MiB);
    expect(await world.load({ source })).toMatchObject({ objects: 1, failed: 0 });
    const segments = join(world.deviceDir, 'waybill/segments/000000');
    const written = ['000001.seg', '000002.seg', '000003.seg']
      .map((name) => statSync(join(segments, name)).size)
      .reduce((sum, size) => sum + size, 0);
    // What a stopped run had written was not written again.
    expect(written).toBeLessThan(image.length + 2 * MiB);
    expect((await imported(world)).get('root.raw')?.equals(image)).toBe(true);

    const other = await volumeWorld();
    await loadSome(other, source, 8 * MiB);
    seededBytes(7, 4096).copy(image, MiB);
    writeInto(path, image.subarray(MiB, MiB + 4096), MiB);
    expect(await other.load({ source })).toMatchObject({ objects: 1, failed: 0 });
    expect((await imported(other)).get('root.raw')?.equals(image)).toBe(true);
  });

  test('that was written to after it was copied is copied again', async () => {
    const world = await volumeWorld();
    const image = seededBytes(8, 2 * MiB);
    const { path } = deviceWith(world, image);
    const source = imageAt(path, 'root.raw');
    await world.load({ source });
    image.fill(1, 5000, 5010);
    writeInto(path, image.subarray(5000, 5010), 5000);
    expect(await world.load({ source })).toMatchObject({ objects: 1, alreadyDone: 0 });
    expect((await imported(world)).get('root.raw')?.equals(image)).toBe(true);
  });

  test('that keeps changing is reported; one that shrinks is what it is then', async () => {
    const world = await volumeWorld();
    const { path, resize } = deviceWith(world, seededBytes(9, 16 * MiB));
    const source = imageAt(path, 'root.raw');
    let next = MiB;
    const busy = await loadWhile(world, source, (bytes) => {
      if (bytes < next) return;
      next = bytes + MiB;
      writeInto(path, Buffer.from(`${bytes}`), 4096);
    });
    expect(busy).toMatchObject({ objects: 0, failed: 1, problems: [{ code: 'ObjectChanged' }] });
    let shrunk = false;
    const smaller = await loadWhile(world, source, (bytes) => {
      if (bytes < 4 * MiB || shrunk) return;
      shrunk = true;
      resize(9 * MiB);
    });
    expect(smaller).toMatchObject({ objects: 1, failed: 0 });
    const [image = Buffer.alloc(0)] = [...(await imported(world)).values()];
    expect(image).toHaveLength(9 * MiB);
    const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(sha256(image)).toBe(sha256(readFileSync(join(world.dir, 'backing'))));
  });

  test('that is mounted is refused, and cannot be mounted while it is copied', async () => {
    const world = await volumeWorld();
    const { path } = deviceWith(world, Buffer.alloc(8 * MiB));
    const { unmount } = mounted(path);
    const source = imageAt(path, 'root.raw');
    await expect(world.load({ source })).rejects.toMatchObject({ code: 'SourceInUse' });
    unmount();
    let tried = 0;
    const loaded = await loadWhile(world, source, (bytes) => {
      if (bytes < 4 * MiB || tried > 0) return;
      tried = spawnSync('mount', [path, tempDir()]).status ?? 0;
    });
    expect(tried).toBeGreaterThan(0);
    expect(loaded).toMatchObject({ objects: 1, failed: 0, bytes: 8 * MiB });
  });
});
