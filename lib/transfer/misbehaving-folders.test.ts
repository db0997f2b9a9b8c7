import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { StoreKind } from '../domain/words.ts';
import { errnoError, type FsCall, withFaults } from '../testing/torture/fault-fs.ts';
import { type VolumeWorld, volumeWorld } from '../testing/volume-world.ts';
import { sealVolume } from './verify/seal.ts';

/** Stores that lie in directories, on file systems that refuse. */

const PAUSES = { own: [], volume: [0], hurt: [0], doubtful: [0, 0] };
const NAMES = ['a', 'b', 'private/c', 'private/d'];

async function loaded(): Promise<VolumeWorld> {
  const world = await volumeWorld();
  mkdirSync(join(world.source, 'private'));
  for (const name of NAMES) writeFileSync(join(world.source, name), `bytes of ${name}`);
  await world.load();
  await sealVolume(world);
  return world;
}

const unloadTo = (world: VolumeWorld, kind: StoreKind) => {
  const spec = { kind, root: world.storeRoot, bucket: 'bucket' };
  return world.unload({ target: { kind: 'store', spec, prefix: '' }, pausesMs: PAUSES });
};

const isWrite = ({ name, args }: FsCall): boolean =>
  ['write', 'rename', 'mkdir', 'fsync'].includes(name) ||
  (name === 'open' && typeof args[1] === 'string' && args[1] !== 'r');

describe.each<StoreKind>(['directory', 'glacier'])('a %s store', (kind) => {
  test.each([
    ['EROFS', 'StoreRefuses'],
    ['EACCES', 'StoreRefuses'],
    ['ENOSPC', 'StoreFull'],
  ])(
    'that answers %s to everything stops the import, which goes on when it may',
    async (errno, code) => {
      const world = await loaded();
      let written = 0;
      const layer = {
        before: (call: FsCall) => {
          if (!isWrite(call)) return undefined;
          written += 1;
          // The check at the start has passed.
          if (written > 12) throw errnoError(errno, call);
          return undefined;
        },
      };
      const run = withFaults([world.storeRoot], layer, () => unloadTo(world, kind));
      await expect(run).rejects.toMatchObject({ code });
      const { summary } = await unloadTo(world, kind);
      expect(summary).toMatchObject({ failed: 0, outcome: 'succeeded' });
    },
  );
});

test('a folder that may not be written costs what lies there', async () => {
  const world = await loaded();
  mkdirSync(join(world.bucketDir, 'private'));
  const folder = `${join(world.bucketDir, 'private')}/`;
  const layer = {
    before: (call: FsCall) => {
      if (call.name === 'rename' && call.to?.startsWith(folder)) throw errnoError('EACCES', call);
      return undefined;
    },
  };
  const { summary, files } = await withFaults([world.storeRoot], layer, () =>
    unloadTo(world, 'directory'),
  );
  expect(summary).toMatchObject({ objects: 2, failed: 2 });
  const failures = readFileSync(files['failure.csv'], 'utf8');
  expect(failures).toMatch(/^private\/c,.*ObjectRefused.*right is missing/m);
  expect(failures).toMatch(/^private\/d,/m);
  const again = await unloadTo(world, 'directory');
  expect(again.summary).toMatchObject({ objects: 4, failed: 0, outcome: 'succeeded' });
});
