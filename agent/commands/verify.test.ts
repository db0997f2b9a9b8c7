import { appendFileSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runProgram } from '../../lib/testing/command-host.ts';
import { manifestFiles } from '../../lib/testing/manifest-files.ts';
import { canMount, smallDisk } from '../../lib/testing/small-disk.ts';
import { tempDir } from '../../lib/testing/temp.ts';
import { makeTree, snapshot } from '../../lib/testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../../lib/testing/volume-world.ts';
import { removeEverywhere } from '../../lib/volume/copies.ts';

/** A site with a device; `run` gives every command what it needs to work on it. */
async function site(kind: 'sealed' | 'bag' = 'sealed', world?: VolumeWorld) {
  const at = world ?? (await volumeWorld(kind));
  const { manifest, codeFile } = await manifestFiles(at);
  makeTree(at.source, { seed: 4, files: 6, bytesMax: 5000 });
  const opened = [
    ...['--device', at.deviceDir, '--manifest', manifest, '--unlock-code-file', codeFile],
    ...['--state', join(at.dir, 'agent-state'), '--workers', '0', '--json'],
  ];
  return { world: at, run: (...args: string[]) => runProgram([...args, ...opened]) };
}

const missing = { type: 'result', intact: false, sealState: 'missing' };

describe('waybill verify', () => {
  test('says that a volume is not sealed yet', async () => {
    const { world, run } = await site();
    await run('copy', world.source, '--no-seal');
    expect(await run('verify')).toMatchObject({
      exit: 0,
      last: { intact: true, sealState: 'not-sealed' },
    });
  });

  test('misses a seal that this host knows, until it is reopened here', async () => {
    const { world, run } = await site();
    await run('copy', world.source);
    expect(await run('verify')).toMatchObject({
      exit: 0,
      last: { intact: true, sealState: 'sealed', sealKnownBy: ['this host'] },
    });
    cpSync(world.deviceDir, join(world.dir, 'kept'), { recursive: true });
    removeEverywhere(world.deviceDir, 'seal.cms');
    expect(await run('verify')).toMatchObject({ exit: 1, last: missing });
    rmSync(world.deviceDir, { recursive: true });
    cpSync(join(world.dir, 'kept'), world.deviceDir, { recursive: true });
    await run('reopen');
    expect(await run('verify')).toMatchObject({
      exit: 0,
      last: { intact: true, sealState: 'not-sealed' },
    });
  });

  test('finds an earlier state of the device, and names the seal that is known', async () => {
    const { world, run } = await site();
    await run('copy', world.source);
    cpSync(world.deviceDir, join(world.dir, 'clone'), { recursive: true });
    await run('reopen');
    writeFileSync(join(world.source, 'more'), 'more');
    const sealed = await run('copy', world.source);
    rmSync(world.deviceDir, { recursive: true });
    cpSync(join(world.dir, 'clone'), world.deviceDir, { recursive: true });
    const found = await run('verify');
    expect(found).toMatchObject({ exit: 1, last: { intact: false, sealState: 'superseded' } });
    expect(JSON.stringify(found.last.problems)).toContain(String(sealed.last.sealDigest));
  });

  test('--repair mends what costs nothing, without recovery data', async () => {
    const { world, run } = await site();
    await run('copy', world.source);
    const segment = 'waybill/segments/000000/000001.seg';
    appendFileSync(join(world.deviceDir, segment), '!');
    rmSync(join(world.deviceDir, 'waybill/label.json'));
    expect(await run('verify')).toMatchObject({ exit: 0, last: { intact: true } });
    expect(await run('verify', '--repair')).toMatchObject({
      exit: 0,
      last: { intact: true, remarks: [], repaired: ['waybill/label.json', segment], lost: [] },
    });
  });
});

describe.skipIf(!canMount)('a device that is mounted read-only', () => {
  test.each(['sealed', 'bag'] as const)(
    'is verified, listed and restored: a %s volume',
    async (kind) => {
      const dir = tempDir();
      mkdirSync(join(dir, 'device'));
      const disk = smallDisk(join(dir, 'device'), 32);
      const { world, run } = await site(kind, await volumeWorld(kind, dir));
      expect((await run('copy', world.source)).exit).toBe(0);
      disk.remount('ro');
      expect(() => writeFileSync(join(world.deviceDir, 'probe'), '')).toThrow(/EROFS/);
      expect(await run('verify', '--full')).toMatchObject({ exit: 0, last: { intact: true } });
      expect(await run('ls')).toMatchObject({ exit: 0 });
      const destination = join(dir, 'restored');
      expect(await run('restore', destination)).toMatchObject({ exit: 0, last: { failed: 0 } });
      expect(snapshot(destination)).toEqual(snapshot(world.source));
      expect(existsSync(join(world.deviceDir, 'waybill/lock.json'))).toBe(false);
      expect(await run('verify', '--repair')).toMatchObject({
        exit: 4,
        last: { code: 'DeviceReadOnly' },
      });
    },
  );

  test('gives what is intact, and says that the rest could be repaired', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'device'));
    const disk = smallDisk(join(dir, 'device'), 64);
    const { world, run } = await site('sealed', await volumeWorld('sealed', dir));
    expect((await run('copy', world.source, '--parity', '50%')).exit).toBe(0);
    rmSync(join(world.deviceDir, 'waybill/seal.bin'));
    writeFileSync(join(world.deviceDir, 'waybill/segments/000000/000001.seg'), 'damaged');
    disk.remount('ro');
    const ran = await run('restore', join(dir, 'restored'));
    expect(ran).toMatchObject({ exit: 1, last: { repaired: [] } });
    expect(ran.last.unrepaired).toMatch(/cannot be written.*read-write/);
  });
});
