import { spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readErasureCertificate } from '../../lib/keys/erasure-certificate.ts';
import { facility, importOnItsWay } from '../../lib/testing/facility-world.ts';
import { loopDevice, loopMissing } from '../../lib/testing/loop-device.ts';
import { tempDir } from '../../lib/testing/temp.ts';
import { blockDeviceAt, otherUses } from './block-device.ts';
import { erase } from './erase.ts';
import { checkMedium, commandFor, eraseMedium, type Run } from './erase-medium.ts';
import { importFrom } from './import.ts';
import { receive } from './receive.ts';

const MiB = 1024 * 1024;

/** A block device with a file system that is mounted, and bytes in it that must not be found again. */
function mountedDisk() {
  const dir = tempDir();
  const image = join(dir, 'image');
  writeFileSync(image, '');
  truncateSync(image, 16 * MiB);
  const { path } = loopDevice(image);
  const mount = join(dir, 'mnt');
  mkdirSync(mount);
  expect(spawnSync('mkfs.ext4', ['-q', '-F', path]).status).toBe(0);
  expect(spawnSync('mount', [path, mount]).status).toBe(0);
  onTestFinished(() => {
    spawnSync('umount', [mount]);
  });
  writeFileSync(join(mount, 'left'), 'left behind');
  return { path, mount, stateDir: join(dir, 'state') };
}

/** Programs that are run, without running any; umount is real. */
function recorded(answer: (tool: string, args: readonly string[]) => number | null = () => 0) {
  const calls: string[] = [];
  const run: Run = async (tool, args) => {
    if (args[0] !== '--version') calls.push(`${tool} ${args.join(' ')}`);
    if (tool === 'umount') spawnSync(tool, [...args]);
    return { status: answer(tool, args), output: '' };
  };
  return { calls, run };
}

/** An import that has landed, whose device is a disk of its own that is mounted in the dock. */
async function landedFromDisk() {
  const at = await facility();
  // Disks as large as jobs want them are not to be had here: the volume is moved onto a small one.
  const { jobId, deviceDir: away } = await importOnItsWay(at);
  const { path, mount } = mountedDisk();
  cpSync(away, mount, { recursive: true });
  rmSync(away, { recursive: true });
  await receive(at.station, jobId, mount);
  await importFrom(at.station, jobId, mount);
  return { at, jobId, path, mount };
}

describe.skipIf(loopMissing())('a mounted block device', () => {
  test('is erased with its job: proved, overwritten, unmounted, discarded, and the certificate says it', async () => {
    const { at, jobId, path, mount } = await landedFromDisk();
    const wrong = erase(at.station, jobId, mount, { method: 'discard', blockDevice: '/dev/null' });
    await expect(wrong).rejects.toMatchObject({ code: 'EraseTargetRefused' });
    expect(blockDeviceAt(mount)?.source).toBe(path);
    const { job } = await erase(at.station, jobId, mount, { method: 'discard', blockDevice: path });
    expect(job).toMatchObject({ state: 'completed', erased: true });
    expect(blockDeviceAt(mount)).toBeUndefined();
    const response = await at.operator.call('getErasureCertificate', { params: { jobId } });
    const trust = { caPem: at.world.console.authority.certificatePem };
    const der = new Uint8Array(await response.arrayBuffer());
    expect(readErasureCertificate(der, { trust }).certificate).toMatchObject({
      verified: true,
      device: { simulated: false },
      method: { way: 'discard', technique: 'clear', tool: `blkdiscard ${path}` },
    });
  });

  test('is discarded for real when it is named, and holds nothing afterwards', async () => {
    const { path, mount, stateDir } = mountedDisk();
    const work = { method: 'discard', blockDevice: path, deviceDir: mount, stateDir } as const;
    await checkMedium(work);
    expect(await eraseMedium(work)).toMatchObject({ way: 'discard', tool: `blkdiscard ${path}` });
    expect(blockDeviceAt(mount)).toBeUndefined();
    const fd = openSync(path, 'r');
    const bytes = Buffer.alloc(16 * MiB);
    readSync(fd, bytes, 0, bytes.length, 0);
    closeSync(fd);
    expect(bytes.equals(Buffer.alloc(16 * MiB))).toBe(true);
    // Told again it says what was done, and does nothing.
    const { calls, run } = recorded();
    expect(await eraseMedium(work, undefined, run)).toMatchObject({ way: 'discard' });
    expect(calls).toEqual([]);
  });

  test('is left alone when another one is named, when it is used elsewhere, and without a name', async () => {
    const one = mountedDisk();
    const two = mountedDisk();
    const { calls, run } = recorded();
    const work = { method: 'discard', deviceDir: one.mount, stateDir: one.stateDir } as const;
    const check = (blockDevice?: string) => checkMedium({ ...work, blockDevice }, run);
    await expect(check()).rejects.toMatchObject({ code: 'Usage' });
    for (const other of [two.path, '/dev/null', join(one.mount, 'left'), '/nowhere'])
      await expect(check(other)).rejects.toMatchObject({ code: 'EraseTargetRefused' });
    const again = tempDir();
    expect(spawnSync('mount', [one.path, again]).status).toBe(0);
    onTestFinished(() => {
      spawnSync('umount', [again]);
    });
    await expect(check(one.path)).rejects.toMatchObject({
      code: 'EraseTargetRefused',
      message: expect.stringContaining(again),
    });
    expect(otherUses(one.path, one.mount)).toEqual([`mounted at ${again}`]);
    expect(calls).toEqual([]);
  });

  test('is not unmounted when the program is missing or the drive cannot sanitize', async () => {
    const { path, mount, stateDir } = mountedDisk();
    const work = { blockDevice: path, deviceDir: mount, stateDir } as const;
    const { calls, run } = recorded(() => null);
    const code = { code: 'EraseMethodUnavailable' };
    await expect(checkMedium({ ...work, method: 'discard' }, run)).rejects.toMatchObject(code);
    await expect(checkMedium({ ...work, method: 'sanitize' }, run)).rejects.toMatchObject(code);
    expect(calls).toEqual([]);
    expect(blockDeviceAt(mount)?.source).toBe(path);
  });

  test('that refused is not called erased, and without a serial number a name is not believed again', async () => {
    const { path, mount, stateDir } = mountedDisk();
    const work = { method: 'discard', blockDevice: path, deviceDir: mount, stateDir } as const;
    const failing = recorded((tool) => (tool === 'blkdiscard' ? 1 : 0));
    const passing = recorded();
    await checkMedium(work, passing.run);
    await expect(eraseMedium(work, undefined, failing.run)).rejects.toMatchObject({
      code: 'EraseMethodUnavailable',
    });
    await expect(eraseMedium(work, undefined, passing.run)).rejects.toMatchObject({
      code: 'EraseTargetRefused',
    });
    expect(passing.calls).toEqual([]);
    // Mounted again it is known by its mount.
    expect(spawnSync('mount', [path, mount]).status).toBe(0);
    await eraseMedium(work, undefined, passing.run);
    expect(passing.calls).toEqual([`umount ${mount}`, `blkdiscard ${path}`]);
  });
});

test('a folder is no block device: nothing but its files can be erased', async () => {
  const [deviceDir, stateDir] = [tempDir(), tempDir()];
  const work = { deviceDir, stateDir };
  expect(await eraseMedium(work)).toEqual({
    way: 'overwrite',
    serial: undefined,
    model: undefined,
  });
  await expect(
    checkMedium({ ...work, method: 'sanitize', blockDevice: '/dev/null' }),
  ).rejects.toMatchObject({ code: 'EraseTargetRefused' });
});

test.each([
  ['nvme', 'nvme sanitize /dev/x --sanact=2'],
  ['ata', 'hdparm --user-master u --security-erase waybill /dev/x'],
  ['scsi', 'sg_sanitize --block --quick --wait /dev/x'],
] as const)('a drive that speaks %s is given its own sanitize command', (transport, wanted) => {
  const { tool, args } = commandFor('sanitize', '/dev/x', transport);
  expect(`${tool} ${args.join(' ')}`).toBe(wanted);
});
