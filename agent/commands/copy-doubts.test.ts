import { existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { agentProcess } from '../../lib/testing/agent-process.ts';
import { loopDevice, loopMissing, mounted } from '../../lib/testing/loop-device.ts';
import { manifestFiles } from '../../lib/testing/manifest-files.ts';
import { volumeWorld } from '../../lib/testing/volume-world.ts';

async function site() {
  const world = await volumeWorld('sealed');
  const { manifest, codeFile } = await manifestFiles(world);
  const credentials = ['--manifest', manifest, '--unlock-code-file', codeFile];
  const state = { WAYBILL_STATE: join(world.dir, 'state') };
  const copy = (...args: string[]) =>
    agentProcess(
      ['copy', world.source, '--no-verify', '--no-seal', ...credentials, ...args],
      state,
    );
  const files = (count: number) => {
    rmSync(world.source, { recursive: true });
    mkdirSync(world.source);
    for (let n = 0; n < count; n += 1) writeFileSync(join(world.source, `${n}`), `${n}`);
  };
  return { world, copy, files, device: ['--device', world.deviceDir] };
}

describe('a source that may not be mounted', () => {
  test('because it is empty is asked about', async () => {
    const { copy, device } = await site();
    const refused = await copy(...device);
    expect([refused.exit, refused.said]).toEqual([2, expect.stringContaining('nothing to copy')]);
    expect(refused.said).toContain('--allow-empty');
    expect((await copy(...device, '--allow-empty')).exit).toBe(0);
  });

  test('because it lost most of its files is asked about, and fewer are not', async () => {
    const { copy, files, device } = await site();
    files(20);
    expect((await copy(...device)).exit).toBe(0);
    files(10);
    expect((await copy(...device)).exit).toBe(0);
    files(4);
    const refused = await copy(...device);
    expect([refused.exit, refused.said]).toEqual([
      2,
      expect.stringContaining('had 10 objects at the last copy, and has 4 now'),
    ]);
    expect((await copy(...device, '--allow-empty')).exit).toBe(0);
    expect((await copy(...device)).exit).toBe(0);
  });
});

describe('a device that may not be mounted', () => {
  test('gets no label, and a dry run says where it lies and writes nothing', async () => {
    const { world, copy, files, device } = await site();
    files(2);
    rmSync(join(world.deviceDir, 'waybill'), { recursive: true });
    const refused = await copy(...device);
    expect([refused.exit, refused.said]).toEqual([4, expect.stringContaining('is no device')]);
    expect(refused.said).toContain('--device-is-a-directory');
    const looked = await copy(...device, '--device-is-a-directory', '--dry-run');
    expect([looked.exit, looked.said]).toEqual([
      0,
      expect.stringMatching(/directory of this host.*free/),
    ]);
    expect(existsSync(join(world.deviceDir, 'waybill/label.json'))).toBe(false);
    expect((await copy(...device, '--device-is-a-directory')).exit).toBe(0);
    // It carries its label now: it is what it was made.
    expect((await copy(...device)).exit).toBe(0);
  });

  test.skipIf(loopMissing())('but is, needs no word', async () => {
    const { world, copy, files } = await site();
    files(2);
    const image = join(world.dir, 'disk.img');
    writeFileSync(image, '');
    truncateSync(image, 400_000_000);
    const disk = join(world.dir, 'disk');
    mkdirSync(disk);
    mounted(loopDevice(image).path, disk);
    const looked = await copy('--device', disk, '--dry-run');
    expect([looked.exit, looked.said]).toEqual([0, expect.stringMatching(/ext4 on .*free/)]);
    expect((await copy('--device', disk)).exit).toBe(0);
  });
});
