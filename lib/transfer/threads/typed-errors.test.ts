import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canMount, smallDisk } from '../../testing/small-disk.ts';
import { volumeWorld } from '../../testing/volume-world.ts';
import { sealVolume } from '../verify/seal.ts';
import { type Places, typedErrors } from './typed-errors.ts';

const PLACES: Places = {
  deviceDir: '/mnt/disk',
  stateDir: '/var/state',
  source: { root: '/data' },
  target: { root: '/restored' },
};

const typedAt = (path: string | undefined, code: string, places = PLACES) =>
  typedErrors(places, () => {
    throw Object.assign(new Error(code), { code, ...(path !== undefined && { path }) });
  }).catch((error: unknown) => error);

describe('an error of a file system is told by the place of its path', () => {
  test.each([
    ['/mnt/disk/waybill/label.json', 'EROFS', 'DeviceReadOnly'],
    ['/mnt/disk', 'EIO', 'DeviceIo'],
    ['/var/state/journal', 'ENOSPC', 'StateUnavailable'],
    // An open file: the host's own, as those of the device are translated where they are written.
    [undefined, 'ENOSPC', 'StateUnavailable'],
    ['/restored/out', 'EROFS', 'StoreRefuses'],
    ['/restored/out', 'ENOSPC', 'StoreFull'],
    ['/data/a', 'EIO', 'SourceNotFound'],
    ['/data/a', 'EMFILE', 'HostLimit'],
    // Their names begin alike, and that is all.
    ['/var/state-of-another/journal', 'EIO', 'EIO'],
    ['/mnt/disk2/x', 'EIO', 'EIO'],
  ])('%s: %s is %s', async (path, errno, code) => {
    expect(await typedAt(path, errno)).toMatchObject({ code });
  });

  test('a store of this host is a place, an endpoint is none', async () => {
    const store = { spec: { kind: 'directory', root: '/stores' } };
    const endpoint = { spec: { kind: 's3', remote: {} } };
    expect(await typedAt('/stores/b', 'EROFS', { ...PLACES, target: store })).toMatchObject({
      code: 'StoreRefuses',
    });
    expect(await typedAt('/stores/b', 'EROFS', { ...PLACES, target: endpoint })).toMatchObject({
      code: 'EROFS',
    });
  });
});

describe.skipIf(!canMount)('a directory that cannot be made on a read-only file system', () => {
  test('is the destination’s own fault', async () => {
    const world = await volumeWorld();
    await world.load();
    sealVolume(world);
    const root = join(world.dir, 'read-only');
    smallDisk(root, 1).remount('ro');
    const restored = world.unload({ target: { kind: 'tree', root: join(root, 'some', 'out') } });
    await expect(restored).rejects.toMatchObject({
      code: 'StoreRefuses',
      exit: 5,
      message: expect.stringMatching(/read-only \(EROFS\)/),
    });
  });

  test('is the state’s where that lies there', async () => {
    const world = await volumeWorld();
    const root = join(world.dir, 'read-only');
    mkdirSync(root);
    smallDisk(root, 1).remount('ro');
    await expect(world.load({ stateDir: join(root, 'state') })).rejects.toMatchObject({
      code: 'StateUnavailable',
      facts: { detail: 'EROFS' },
    });
  });
});
