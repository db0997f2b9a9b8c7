import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canMount, mountedFolder } from '../../testing/small-disk.ts';
import { volumeWorld } from '../../testing/volume-world.ts';
import { preflight } from '../load/load.ts';
import { checkSource } from './scan.ts';

/** A source like a home folder: the state and the sign-in of the program lie in it. */
async function home(symlinks: 'skip' | 'follow' = 'skip') {
  const world = await volumeWorld('sealed');
  const stateDir = join(world.source, '.local/state/waybill/jobs/JID1');
  const config = join(world.source, '.config/waybill');
  for (const dir of [stateDir, config]) mkdirSync(dir, { recursive: true });
  writeFileSync(join(config, 'credentials.json'), 'token');
  writeFileSync(join(stateDir, 'receipt.cms'), 'receipt');
  writeFileSync(join(world.source, '.local/state/other'), 'mine');
  const ownFolders = [join(world.source, '.local/state/waybill'), config];
  const source = { kind: 'tree', root: world.source, symlinks } as const;
  return { world, options: world.loadOptions({ source, stateDir, ownFolders }) };
}

describe('what belongs to the program', () => {
  test('is not copied, and named', async () => {
    const { options } = await home();
    const { objects, skipped, problems } = await preflight(options);
    expect([objects, skipped]).toEqual([1, 2]);
    expect(problems.map(({ key, code }) => [key, code])).toEqual([
      ['.config/waybill', 'AgentFilesSkipped'],
      ['.local/state/waybill', 'AgentFilesSkipped'],
    ]);
  });

  test('is not copied by way of a link either', async () => {
    const { world, options } = await home('follow');
    symlinkSync(join(world.source, '.config/waybill'), join(world.source, 'link'));
    const { problems } = await preflight(options);
    expect(problems).toContainEqual(
      expect.objectContaining({ key: 'link', code: 'AgentFilesSkipped' }),
    );
  });
});

describe.runIf(canMount)('a device that is mounted a second time', () => {
  test('within the source is left out', async () => {
    const { world, options } = await home();
    mkdirSync(join(world.source, 'disk'));
    mountedFolder(world.deviceDir, join(world.source, 'disk'));
    const { objects, problems } = await preflight(options);
    expect(objects).toBe(1);
    expect(problems).toContainEqual(
      expect.objectContaining({ key: 'disk', code: 'DeviceSkipped' }),
    );
  });

  test('is no source', async () => {
    const { world } = await home();
    const again = join(world.dir, 'again');
    mkdirSync(again);
    mountedFolder(world.deviceDir, again);
    for (const root of [again, join(again, 'waybill')])
      expect(() => checkSource({ kind: 'tree', root, symlinks: 'skip' }, world.deviceDir)).toThrow(
        expect.objectContaining({ code: 'SourceIsDevice' }),
      );
    const image = { kind: 'image', path: join(again, 'waybill/label.json'), key: 'x' } as const;
    expect(() => checkSource(image, world.deviceDir)).toThrow(
      expect.objectContaining({ code: 'SourceIsDevice' }),
    );
  });
});
