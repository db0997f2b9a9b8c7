import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeAwkwardTree, makeTree, seededBytes, snapshot } from '../testing/trees.ts';
import { volumeWorld } from '../testing/volume-world.ts';
import { preflight } from './load/load.ts';
import { listVolume } from './report/list-volume.ts';
import { reopenVolume, sealVolume } from './verify/seal.ts';
import { verifyVolume } from './verify/verify.ts';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe.each(['sealed', 'bag'] as const)('a %s volume', (kind) => {
  test('carries a tree from source to store, every byte', async () => {
    const world = await volumeWorld(kind);
    makeTree(world.source, { seed: 7, files: 60, bytesMax: 40_000 });
    makeAwkwardTree(world.source);
    const loaded = await world.load();
    expect(loaded).toMatchObject({ failed: 0, skipped: 0, alreadyDone: 0 });
    const verified = await verifyVolume({ ...world, full: true, workers: 0 });
    expect(verified).toMatchObject({ damaged: 0, objects: loaded.objects });
    const sealed = await sealVolume(world);
    expect(sealed).toMatchObject({ objects: loaded.objects, bytes: loaded.bytes });
    const { summary } = await world.unload();
    expect(summary).toMatchObject({ outcome: 'succeeded', objects: loaded.objects, failed: 0 });
    expect(snapshot(world.bucketDir)).toEqual(snapshot(world.source));
  });

  test('goes through threads with the same result', async () => {
    const world = await volumeWorld(kind);
    makeTree(world.source, { seed: 8, files: 40, bytesMax: 3_000_000 });
    await world.load({ workers: 2 });
    expect(await verifyVolume({ ...world, workers: 2 })).toMatchObject({ damaged: 0 });
    await sealVolume(world);
    await world.unload({ workers: 2 });
    expect(snapshot(world.bucketDir)).toEqual(snapshot(world.source));
  });

  test('keeps modification times and modes', async () => {
    const world = await volumeWorld(kind);
    writeFileSync(join(world.source, 'dated'), 'x', { mode: 0o640 });
    utimesSync(join(world.source, 'dated'), 1_600_000_000, 1_600_000_000.25);
    await world.load();
    const [record] = await all(listVolume(world));
    expect(record).toMatchObject({ mtimeNs: 1_600_000_000_250_000_000n, bytes: 1 });
    expect((record?.mode ?? 0) & 0o777).toBe(0o640);
  });

  test('copies again only what is new or changed', async () => {
    const world = await volumeWorld(kind);
    makeTree(world.source, { seed: 9, files: 20, bytesMax: 1000 });
    await world.load();
    writeFileSync(join(world.source, 'new'), 'new');
    const changed = readdirSync(world.source).find((name) => name.startsWith('file-')) ?? 'new';
    writeFileSync(join(world.source, changed), 'changed content');
    utimesSync(join(world.source, changed), 1, 1);
    const again = await world.load();
    expect(again.alreadyDone).toBe(19);
    await sealVolume(world);
    await world.unload();
    expect(snapshot(world.bucketDir)).toEqual(snapshot(world.source));
  });

  test('is closed by its seal until it is reopened', async () => {
    const world = await volumeWorld(kind);
    writeFileSync(join(world.source, 'a'), 'a');
    await expect(sealVolume(world)).rejects.toMatchObject({ code: 'VolumeNotVerified' });
    await expect(reopenVolume(world)).rejects.toMatchObject({ code: 'VolumeNotSealed' });
    await expect(world.unload()).rejects.toMatchObject({ code: 'VolumeNotSealed' });
    await world.load();
    await sealVolume(world);
    await expect(world.load()).rejects.toMatchObject({ code: 'VolumeSealed' });
    await reopenVolume(world);
    await expect(sealVolume(world)).rejects.toMatchObject({ code: 'VolumeNotVerified' });
    writeFileSync(join(world.source, 'b'), 'b');
    expect(await world.load()).toMatchObject({ alreadyDone: 1, objects: 2 });
    expect(await sealVolume(world)).toMatchObject({ objects: 2 });
  });

  test('names what it cannot carry and carries the rest', async () => {
    const world = await volumeWorld(kind);
    writeFileSync(join(world.source, 'good'), 'good');
    symlinkSync('good', join(world.source, 'link'));
    expect(spawnSync('mkfifo', [join(world.source, 'pipe')]).status).toBe(0);
    writeFileSync(
      Buffer.concat([Buffer.from(`${world.source}/`), Buffer.from([0xff, 0xfe])]),
      'bytes',
    );
    const loaded = await world.load();
    expect(loaded).toMatchObject({ objects: 1, skipped: 1, failed: 2 });
    expect(loaded.problems.map(({ key, code }) => [key, code])).toEqual([
      ['link', 'SymlinkSkipped'],
      ['pipe', 'UnsupportedFileType'],
      ['%FF%FE', 'KeyRefused'],
    ]);
    await sealVolume(world);
    const { summary, files } = await world.unload();
    expect(summary).toMatchObject({ outcome: 'with-errors', objects: 1, skipped: 1, failed: 2 });
    const failures = readFileSync(files['failure.csv'], 'utf8');
    expect(failures).toContain('link,0,,,skipped,SymlinkSkipped');
    expect(failures).toContain('pipe,0,,,failed,UnsupportedFileType');
  });

  test('refuses, before anything is written, what is over the limit or does not fit', async () => {
    const world = await volumeWorld(kind);
    writeFileSync(join(world.source, 'ten'), '0123456789');
    await expect(world.load({ sizeBytes: 9 })).rejects.toMatchObject({ code: 'SizeOverLimit' });
    await expect(preflight(world.loadOptions({ sizeBytes: 9 }))).rejects.toMatchObject({
      code: 'SizeOverLimit',
    });
    expect(existsSync(join(world.deviceDir, 'waybill/catalog'))).toBe(false);
    expect(existsSync(join(world.deviceDir, 'data/ten'))).toBe(false);
  });

  test('a preflight reports everything and writes nothing', async () => {
    const world = await volumeWorld(kind);
    makeTree(world.source, { seed: 3, files: 5, bytesMax: 10 });
    symlinkSync('nowhere', join(world.source, 'broken'));
    const result = await preflight(
      world.loadOptions({ source: { kind: 'tree', root: world.source, symlinks: 'follow' } }),
    );
    expect(result).toMatchObject({ objects: 5, failed: 1 });
    expect(result.problems[0]).toMatchObject({ key: 'broken', code: 'SymlinkBroken' });
    expect(readdirSync(join(world.deviceDir, 'waybill')).sort()).toEqual([
      'copy-1',
      'copy-2',
      'label.json',
    ]);
  });
});

describe('sources', () => {
  test('a loop of symbolic links ends', async () => {
    const world = await volumeWorld();
    mkdirSync(join(world.source, 'a'));
    writeFileSync(join(world.source, 'a/file'), 'x');
    symlinkSync('..', join(world.source, 'a/up'));
    symlinkSync('self', join(world.source, 'self'));
    const loaded = await world.load({
      source: { kind: 'tree', root: world.source, symlinks: 'follow' },
    });
    expect(loaded.objects).toBe(1);
    expect(loaded.problems.map(({ key, code }) => [key, code])).toEqual([
      ['a/up', 'SymlinkLoop'],
      ['self', 'SymlinkLoop'],
    ]);
  });

  test('a missing source, and one that holds the device, are refused', async () => {
    const world = await volumeWorld();
    const root = join(world.dir, 'nowhere');
    await expect(
      world.load({ source: { kind: 'tree', root, symlinks: 'skip' } }),
    ).rejects.toMatchObject({
      code: 'SourceNotFound',
    });
    await expect(
      world.load({ source: { kind: 'tree', root: world.dir, symlinks: 'skip' } }),
    ).rejects.toMatchObject({ code: 'SourceIsDevice' });
  });

  test('an export takes a range of a store', async () => {
    const world = await volumeWorld();
    for (const key of ['a/1', 'a/2', 'b/1', 'c']) {
      mkdirSync(join(world.bucketDir, key, '..'), { recursive: true });
      writeFileSync(join(world.bucketDir, key), key);
    }
    const spec = { kind: 'directory', root: world.storeRoot, bucket: 'bucket' } as const;
    const source = { kind: 'store', spec, prefix: '', begin: 'a/2', end: 'b/1' } as const;
    await world.load({ source });
    // A run that goes on has the listing of the first.
    writeFileSync(join(world.bucketDir, 'a/3'), 'late');
    await world.load({ source });
    const keys = (await all(listVolume(world))).map(({ key }) => key.toString());
    expect(keys.sort()).toEqual(['a/2', 'b/1']);
    await sealVolume(world);
    const root = join(world.dir, 'restored');
    await world.unload({ target: { kind: 'tree', root } });
    expect([...snapshot(root).keys()]).toEqual(['a/2', 'b/1']);
    await expect(
      world.load({ source: { kind: 'store', spec, prefix: 'zzz' } }),
    ).rejects.toMatchObject({ code: 'VolumeSealed' });
  });
});

describe('the store', () => {
  test('an object with other bytes is not replaced unless told', async () => {
    const world = await volumeWorld();
    writeFileSync(join(world.source, 'same'), 'same');
    writeFileSync(join(world.source, 'other'), 'mine');
    writeFileSync(join(world.bucketDir, 'same'), 'same');
    writeFileSync(join(world.bucketDir, 'other'), 'theirs');
    await world.load();
    await sealVolume(world);
    const { summary } = await world.unload();
    expect(summary).toMatchObject({
      outcome: 'with-errors',
      objects: 1,
      alreadyPresent: 1,
      failed: 1,
    });
    expect(readFileSync(join(world.bucketDir, 'other'), 'utf8')).toBe('theirs');
    await world.unload({ overwrite: 'if-different' });
    expect(readFileSync(join(world.bucketDir, 'other'), 'utf8')).toBe('mine');
  });

  test('a missing bucket is refused', async () => {
    const world = await volumeWorld();
    writeFileSync(join(world.source, 'a'), seededBytes(1, 10));
    await world.load();
    await sealVolume(world);
    const spec = { kind: 'directory', root: world.storeRoot, bucket: 'nowhere' } as const;
    await expect(
      world.unload({ target: { kind: 'store', spec, prefix: '' } }),
    ).rejects.toMatchObject({
      code: 'BucketNotFound',
    });
  });
});
