import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Facility,
  facility,
  imported,
  importOnItsWay,
} from '../../lib/testing/facility-world.ts';
import { snapshot } from '../../lib/testing/trees.ts';
import { erase } from './erase.ts';
import { importFrom } from './import.ts';
import { receive } from './receive.ts';
import type { Station } from './station.ts';
import { watch } from './watch.ts';

/** An import on the device of which a station of another host left its lock, and on the job its lease. */
async function leftByAnother(at: Facility) {
  const { jobId, params, deviceDir } = await importOnItsWay(at, {
    fill: { seed: 5, files: 6, bytesMax: 3000 },
  });
  await receive(at.station, jobId, deviceDir);
  const holder = { pid: 4711, host: 'the station before', startedTicks: '1', bootId: 'b' };
  const lockPath = join(deviceDir, 'waybill/lock.json');
  writeFileSync(lockPath, JSON.stringify(holder));
  const lease = await at.station.client.call('claimWork', { params, body: { work: 'import' } });
  return { jobId, params, deviceDir, lockPath, lease };
}

const takingOver = ({ station }: Facility): Station => ({
  ...station,
  takeOverLock: true,
  takeOverLease: true,
});

describe('what a station of another host left', () => {
  test('is taken over when it is asked for, and that station stops when it hears of it', async () => {
    const at = await facility();
    const { jobId, params, deviceDir, lease } = await leftByAnother(at);
    await expect(importFrom(at.station, jobId, deviceDir)).rejects.toMatchObject({
      code: 'AlreadyClaimed',
      next: expect.stringContaining('--take-over-lock'),
    });
    const { job } = await importFrom(takingOver(at), jobId, deviceDir);
    expect(job).toMatchObject({ state: 'completed', outcome: 'succeeded' });
    expect(imported(at)).toEqual(snapshot(at.source));
    const renewing = at.station.client.call('renewLease', {
      params: { ...params, leaseId: lease.id },
    });
    await expect(renewing).rejects.toMatchObject({ code: 'LeaseLost' });
  });

  test('keeps the device from whoever does not ask for it', async () => {
    const at = await facility();
    const { jobId, params, deviceDir, lockPath, lease } = await leftByAnother(at);
    await at.station.client.call('releaseLease', { params: { ...params, leaseId: lease.id } });
    await expect(importFrom(at.station, jobId, deviceDir)).rejects.toMatchObject({
      code: 'DeviceLocked',
      next: expect.stringContaining('--take-over-lock'),
    });
    expect(existsSync(lockPath)).toBe(true);
    expect(imported(at).size).toBe(0);
  });

  test('is taken over by a watching station: the lock, and the lease once it has run out', async () => {
    const at = await facility();
    const { params, lease } = await leftByAnother(at);
    const watching = { ...at.station, takeOverLock: true };
    await watch(watching, at.dock, { once: true });
    expect(await at.operator.call('getJob', { params })).toMatchObject({ state: 'at-facility' });
    await at.station.client.call('releaseLease', { params: { ...params, leaseId: lease.id } });
    await watch(watching, at.dock, { once: true });
    expect(await at.operator.call('getJob', { params })).toMatchObject({
      state: 'completed',
      erased: true,
    });
  });

  test('is taken over for erasing, too', async () => {
    const at = await facility();
    const { jobId, deviceDir, lockPath } = await leftByAnother(at);
    await importFrom(takingOver(at), jobId, deviceDir);
    const holder = { pid: 4711, host: 'the station before', startedTicks: '1', bootId: 'b' };
    writeFileSync(lockPath, JSON.stringify(holder));
    await expect(erase(at.station, jobId, deviceDir)).rejects.toMatchObject({
      code: 'DeviceLocked',
    });
    await erase(takingOver(at), jobId, deviceDir);
    expect(existsSync(join(deviceDir, 'waybill'))).toBe(false);
  });
});
