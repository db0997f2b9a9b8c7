import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { StoreKind } from '../domain/words.ts';
import { openStore } from '../stores/open.ts';
import { listKeys, readObject } from '../testing/store-world.ts';
import { makeAwkwardTree, makeTree, seededBytes, snapshot } from '../testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../testing/volume-world.ts';
import { sealVolume } from './verify/seal.ts';

const BLOCK = 524_288;

const specOf = (world: VolumeWorld, kind: StoreKind) => ({
  kind,
  root: world.storeRoot,
  bucket: 'bucket',
});

/** What a store holds, as `snapshot` tells it of a tree. */
async function contentOf(world: VolumeWorld, kind: StoreKind): Promise<Map<string, string>> {
  const store = openStore(specOf(world, kind));
  const found = new Map<string, string>();
  for (const key of await listKeys(store)) {
    const hash = createHash('sha256').update(await readObject(store, key));
    found.set(key, key.endsWith('/') ? '' : hash.digest('hex'));
  }
  await store.close();
  return found;
}

/** Unloads with a state of its own, as another host would. */
function unloadTo(world: VolumeWorld, kind: StoreKind, state: string, workers = 0) {
  return world.unload({
    target: { kind: 'store', spec: specOf(world, kind), prefix: '' },
    stateDir: join(world.dir, state),
    workers,
  });
}

/** Images of volumes: with holes, all holes, dense, and one that ends within a block. */
function makeImages(dir: string): void {
  const sparse = Buffer.alloc(12 * BLOCK);
  seededBytes(1, BLOCK).copy(sparse, 7 * BLOCK);
  mkdirSync(join(dir, 'hosts/db'), { recursive: true });
  writeFileSync(join(dir, 'hosts/db/root.img'), sparse);
  writeFileSync(join(dir, 'hosts/db/swap.img'), Buffer.alloc(4 * BLOCK));
  writeFileSync(join(dir, 'hosts/web.img'), seededBytes(2, 3 * BLOCK));
  writeFileSync(join(dir, 'small image.img'), seededBytes(3, BLOCK + 12_345));
}

describe('an unload', () => {
  test.each([0, 2])('makes archives of a tree, and none twice (%i threads)', async (workers) => {
    const world = await volumeWorld();
    makeTree(world.source, { seed: 11, files: 150, bytesMax: 60_000 });
    makeAwkwardTree(world.source);
    writeFileSync(join(world.source, 'large'), seededBytes(4, 5_300_000));
    const { objects } = await world.load();
    await sealVolume(world);
    const first = await unloadTo(world, 'glacier', 'first', workers);
    expect(first.summary).toMatchObject({ outcome: 'succeeded', objects, alreadyPresent: 0 });
    expect(await contentOf(world, 'glacier')).toEqual(snapshot(world.source));

    const index = join(world.bucketDir, 'index.jsonl');
    const lines = readFileSync(index, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(objects);
    for (const line of lines) expect(JSON.parse(line).treeHash).toMatch(/^[0-9a-f]{64}$/);
    const { size } = statSync(index);
    const second = await unloadTo(world, 'glacier', 'second', workers);
    expect(second.summary).toMatchObject({ outcome: 'succeeded', objects });
    expect(second.summary.alreadyPresent).toBe(objects);
    expect(statSync(index).size).toBe(size);
  });

  test('makes snapshots of images, and none twice', async () => {
    const world = await volumeWorld();
    makeImages(world.source);
    await world.load();
    await sealVolume(world);
    const first = await unloadTo(world, 'ebs', 'first');
    expect(first.summary).toMatchObject({ outcome: 'succeeded', objects: 4, alreadyPresent: 0 });
    expect(await contentOf(world, 'ebs')).toEqual(snapshot(world.source));
    const snapshots = join(world.bucketDir, 'snapshots');
    const taken = readdirSync(snapshots).reduce(
      (sum, id) => sum + statSync(join(snapshots, id, 'image.raw')).blocks * 512,
      0,
    );
    expect(taken).toBeLessThan(7 * BLOCK);
    const second = await unloadTo(world, 'ebs', 'second');
    expect(second.summary).toMatchObject({ outcome: 'succeeded', objects: 4, alreadyPresent: 4 });
    expect(readdirSync(snapshots)).toHaveLength(4);
  });

  test('names an empty folder that can be no snapshot, and does the rest', async () => {
    const world = await volumeWorld();
    mkdirSync(join(world.source, 'nothing'));
    writeFileSync(join(world.source, 'a.img'), seededBytes(1, 1000));
    await world.load();
    await sealVolume(world);
    const { summary, files } = await unloadTo(world, 'ebs', 'first');
    expect(summary).toMatchObject({ outcome: 'with-errors', objects: 1, failed: 1 });
    const failures = readFileSync(files['failure.csv'], 'utf8');
    expect(failures).toMatch(/^nothing\/,.*KeyRefused.*made from an image file/m);
  });

  test('replaces an archive only when told', async () => {
    const world = await volumeWorld();
    writeFileSync(join(world.source, 'a'), 'new!');
    await world.load();
    await sealVolume(world);
    const store = openStore(specOf(world, 'glacier'));
    const object = { key: Buffer.from('a'), bytes: 4, mtimeNs: 0n, mode: 0o600 };
    const writer = await store.put(object);
    await writer.write(Buffer.from('old!'));
    await writer.commit();
    await store.close();
    const refused = await unloadTo(world, 'glacier', 'first');
    expect(refused.summary).toMatchObject({ objects: 0, failed: 1 });
    const target = { kind: 'store', spec: specOf(world, 'glacier'), prefix: '' } as const;
    await world.unload({ target, overwrite: 'if-different' });
    expect(await contentOf(world, 'glacier')).toEqual(snapshot(world.source));
  });
});

describe('an export', () => {
  test.each(['glacier', 'ebs'] as const)('brings back what is in a %s store', async (kind) => {
    const world = await volumeWorld();
    makeImages(world.source);
    await world.load();
    await sealVolume(world);
    await unloadTo(world, kind, 'first');

    const way = await volumeWorld();
    const spec = specOf(world, kind);
    const loaded = await way.load({ source: { kind: 'store', spec, prefix: 'hosts/' } });
    expect(loaded).toMatchObject({ objects: 3, failed: 0 });
    await sealVolume(way);
    const root = join(way.dir, 'restored');
    await way.unload({ target: { kind: 'tree', root } });
    const wanted = [...snapshot(world.source)].filter(([key]) => key.startsWith('hosts/'));
    expect(snapshot(root)).toEqual(new Map(wanted));
  });
});
