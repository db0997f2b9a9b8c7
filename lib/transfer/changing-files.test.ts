import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MiB } from '../domain/sizes.ts';
import { type FsCall, withFaults } from '../testing/torture/fault-fs.ts';
import { seededBytes } from '../testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../testing/volume-world.ts';
import type { ChangingPolicy } from './scan/source-spec.ts';
import { sealVolume } from './verify/seal.ts';

const BYTES = 3 * MiB;

/** Loads a world with one file, and acts after each read of that. */
async function loadWhile(
  world: VolumeWorld,
  changing: ChangingPolicy,
  act: (path: string) => void,
) {
  const path = join(world.source, 'running.log');
  const content = seededBytes(5, BYTES);
  writeFileSync(path, content);
  const after = ({ name }: FsCall, result: unknown) => {
    if (name === 'read' && typeof result === 'number') act(path);
  };
  const source = { kind: 'tree', root: world.source, symlinks: 'skip', changing } as const;
  const loaded = await withFaults([path], { after }, () => world.load({ source }));
  return { loaded, content, path };
}

const grow = (path: string) => appendFileSync(path, 'and more');

test.each(['sealed', 'bag'] as const)(
  'a file that grows while it is read is taken as far as it was, and marked: %s',
  async (kind) => {
    const world = await volumeWorld(kind);
    let reads = 0;
    const { loaded, content } = await loadWhile(world, 'take', (path) => {
      reads += 1;
      grow(path);
    });
    expect(loaded).toMatchObject({ objects: 1, bytes: BYTES, failed: 0, skipped: 0 });
    expect(loaded.problems).toMatchObject([{ key: 'running.log', code: 'ChangingTaken' }]);
    // Once, and so it takes its room once.
    expect(reads).toBe(BYTES / MiB);
    await sealVolume(world);
    const { files } = await world.unload();
    expect(readFileSync(join(world.bucketDir, 'running.log')).equals(content)).toBe(true);
    expect(readFileSync(files['success.csv'], 'utf8')).toContain('ChangingTaken');
  },
);

test('it is left out where nobody said that it may be taken', async () => {
  const { loaded } = await loadWhile(await volumeWorld(), 'leave-out', grow);
  expect(loaded).toMatchObject({ objects: 0, failed: 1, problems: [{ code: 'ObjectChanged' }] });
});

test('one that becomes shorter is read again, as it is then', async () => {
  const world = await volumeWorld();
  let isCut = false;
  const { loaded, content } = await loadWhile(world, 'take', (path) => {
    if (isCut) return;
    isCut = true;
    truncateSync(path, MiB);
  });
  expect(loaded).toMatchObject({ objects: 1, failed: 0, problems: [] });
  await sealVolume(world);
  await world.unload();
  const landed = readFileSync(join(world.bucketDir, 'running.log'));
  expect(landed.equals(content.subarray(0, MiB))).toBe(true);
});
