import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TB } from '../../lib/domain/sizes.ts';
import { newJobBody } from '../../lib/testing/console-world.ts';
import { device, facility } from '../../lib/testing/facility-world.ts';
import { loopDevice, loopMissing, mounted } from '../../lib/testing/loop-device.ts';
import { tempDir } from '../../lib/testing/temp.ts';
import { measureDevice, mountProblem, parseMounts } from '../host/measure-device.ts';
import { exportTo } from './export.ts';
import { prepare } from './prepare.ts';
import { watch } from './watch.ts';

const MIB = 1024 * 1024;
const MOUNTS = parseMounts(`22 27 0:21 / /proc rw - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 27 8:17 / /mnt/SB\\0401 rw shared:5 - xfs /dev/sdb1 rw
31 27 254:0 /srv/folder /mnt/bound rw - ext4 /dev/vda rw
32 27 8:33 /folder /mnt/bound-disk rw - ext4 /dev/sdc1 rw
33 27 0:40 /@data /mnt/subvolume rw - btrfs /dev/sdd rw
34 27 0:41 / /mnt/memory rw - tmpfs none rw
35 27 8:49 / /mnt/over rw - ext4 /dev/sde1 rw
36 35 0:42 / /mnt/over rw - tmpfs none rw
`);

describe('a directory', () => {
  test.each(['/mnt/SB 1', '/mnt/subvolume'])(
    '%s with a file system of its own is a device',
    (path) => {
      expect(mountProblem(MOUNTS, path)).toBeUndefined();
    },
  );

  test.each([
    ['/', 'it is the root of the host'],
    ['/srv/dock/SB-1', 'it is a folder of what is mounted at /'],
    ['/mnt/SB 1/folder', 'it is a folder of what is mounted at /mnt/SB 1'],
    ['/mnt/bound', 'it shows the root file system of the host'],
    ['/mnt/bound-disk', 'it shows the folder /folder of another file system'],
    ['/mnt/memory', 'tmpfs is no medium'],
    ['/mnt/over', 'tmpfs is no medium'],
  ])('%s is no device: %s', (path, why) => {
    expect(mountProblem(MOUNTS, path)).toBe(why);
  });
});

test('a plain folder is refused as a device, and is marked where it may be simulated', async () => {
  const dir = tempDir();
  expect(() => measureDevice(dir)).toThrow(expect.objectContaining({ code: 'DeviceNotMounted' }));
  expect(measureDevice(dir, { simulated: true })).toMatchObject({ simulated: true });

  const at = await facility();
  const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
  const deviceDir = device(at, 'SB-1');
  const real = { ...at.station, simulated: false };
  await expect(prepare(real, jobId, deviceDir)).rejects.toMatchObject({
    code: 'DeviceNotMounted',
    next: expect.stringContaining('--simulated'),
  });
  const params = { jobId };
  expect(await at.operator.call('getJob', { params })).toMatchObject({ state: 'created' });
  await at.operator.call('actOnJob', { params, body: { action: 'prepare' } });
  await watch(real, at.dock, { once: true });
  expect(await at.operator.call('getJob', { params })).toMatchObject({ devicePrepared: false });
  await prepare(at.station, jobId, deviceDir);
  const job = await at.operator.call('getJob', { params });
  expect(job.device).toMatchObject({ id: 'SB-1', measure: { simulated: true } });
  expect(job.device?.capacityBytes).toBe(job.sizeBytes);
});

describe.skipIf(loopMissing())('a disk of 40 MB', () => {
  async function withDisk() {
    const at = await facility();
    const file = join(at.dir, 'disk.img');
    writeFileSync(file, '');
    truncateSync(file, 40 * MIB);
    const deviceDir = join(at.dock, 'SB-9');
    mkdirSync(deviceDir);
    mounted(loopDevice(file).path, deviceDir);
    return { at, deviceDir };
  }

  test('is measured, and refused for a job of 50 TB', async () => {
    const { at, deviceDir } = await withDisk();
    expect(measureDevice(deviceDir)).toMatchObject({ simulated: false, sizeBytes: 40 * MIB });
    const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
    const refusal = { code: 'DeviceTooSmall', facts: { deviceId: 'SB-9' } };
    await expect(prepare(at.station, jobId, deviceDir)).rejects.toMatchObject(refusal);
    const asked = at.operator.call('getDevice', { params: { deviceId: 'SB-9' } });
    await expect(asked).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('that the console believes to be larger is refused, by the console too', async () => {
    const { at, deviceDir } = await withDisk();
    const body = { id: 'SB-9', capacityBytes: 50 * TB };
    await at.operator.call('addDevice', { body });
    const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
    const refusal = { code: 'DeviceTooSmall' };
    await expect(prepare(at.station, jobId, deviceDir)).rejects.toMatchObject(refusal);
    const params = { jobId };
    await at.operator.call('actOnJob', { params, body: { action: 'prepare' } });
    const measure = measureDevice(deviceDir);
    const given = at.station.client.call('putDevice', {
      params,
      body: { deviceId: 'SB-9', measure },
    });
    await expect(given).rejects.toMatchObject(refusal);
  });
});

describe.skipIf(loopMissing())('an export of 39 MB', () => {
  test('for a disk of 40 MB with less room than that names parts that fit', async () => {
    const at = await facility();
    for (const name of ['a', 'b', 'c'])
      writeFileSync(join(at.bucketDir, name), Buffer.alloc(13 * MIB));
    const body = newJobBody({ type: 'export', option: 'disk', sizeBytes: 40 * MIB });
    const { id: jobId, deviceId } = await at.operator.call('createJob', { body });
    const file = join(at.dir, 'disk.img');
    writeFileSync(file, '');
    truncateSync(file, 40 * MIB);
    const deviceDir = join(at.dock, deviceId ?? '');
    mkdirSync(deviceDir);
    mounted(loopDevice(file).path, deviceDir);
    const params = { jobId };
    const shipment = { carrier: 'C' };
    const sent = { action: 'ship-to-facility', shipment } as const;
    await at.operator.call('actOnJob', { params, body: sent });
    await at.operator.call('actOnJob', { params, body: { action: 'receive' } });
    await expect(exportTo(at.station, jobId, deviceDir)).rejects.toMatchObject({
      code: 'ExportTooLarge',
      facts: { parts: expect.stringContaining('from c to the last key') },
      next: expect.stringContaining('--part-size'),
    });
  });
});
