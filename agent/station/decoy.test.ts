import {
  cpSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Client } from '../../lib/api/client.ts';
import { newJobBody } from '../../lib/testing/console-world.ts';
import {
  actOn,
  device,
  type Facility,
  facility,
  imported,
  importOnItsWay,
  tellRestored,
} from '../../lib/testing/facility-world.ts';
import { tempDir } from '../../lib/testing/temp.ts';
import { makeTree, snapshot } from '../../lib/testing/trees.ts';
import { erase } from './erase.ts';
import { exportTo } from './export.ts';
import { importFrom } from './import.ts';
import { prepare } from './prepare.ts';
import { receive } from './receive.ts';

let at: Facility;
beforeEach(async () => {
  at = await facility();
});

/** The device of an export that is back in the dock. */
async function exportIsBack() {
  makeTree(at.bucketDir, { seed: 6, files: 5, bytesMax: 2000 });
  const body = newJobBody({ type: 'export' });
  const { id: jobId } = await at.operator.call('createJob', { body });
  const deviceDir = device(at, 'SB-1');
  await prepare(at.station, jobId, deviceDir);
  await exportTo(at.station, jobId, deviceDir);
  for (const action of ['ship-to-site', 'deliver', 'ship-to-facility'] as const)
    await actOn(at.operator, jobId, action);
  await actOn(at.operator, jobId, 'arrive-at-sorting');
  await actOn(at.operator, jobId, 'receive');
  await tellRestored(at, jobId);
  return { jobId, deviceDir };
}

/** The device of an import that is in the dock again. */
async function importIsBack(body = newJobBody()) {
  const { jobId, deviceDir } = await importOnItsWay(at, {
    body,
    fill: { seed: 5, files: 8, bytesMax: 5000 },
  });
  return { jobId, deviceDir };
}

/** Takes a device away and puts a copy without its data in its place. */
function exchange(deviceDir: string, decoy: 'no segments' | 'empty catalog' | 'noise' | 'clone') {
  const real = join(tempDir(), 'real');
  renameSync(deviceDir, real);
  cpSync(real, deviceDir, { recursive: true });
  const segments = join(deviceDir, 'waybill/segments');
  if (decoy === 'noise')
    for (const name of readdirSync(segments, { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('.seg')) writeFileSync(join(segments, name), Buffer.alloc(1 << 20, name));
  if (decoy === 'no segments' || decoy === 'empty catalog') rmSync(segments, { recursive: true });
  const catalog = join(deviceDir, 'waybill/catalog');
  if (decoy === 'empty catalog')
    for (const name of readdirSync(catalog)) writeFileSync(join(catalog, name), '');
  return real;
}

const stateOf = async (jobId: string) => {
  const job = await at.operator.call('getJob', { params: { jobId } });
  const { entries } = await at.operator.call('jobCustody', { params: { jobId } });
  const open = job.incidents.filter(({ resolvedAt }) => resolvedAt === null);
  const verified = entries.find(({ kind }) => kind === 'device.erased')?.detail.verified;
  return { erased: job.erased, open: open.map(({ kind }) => kind), verified };
};

/** A client that does something right before the first call of a route. */
const beforeCall = (client: Client, route: string, act: () => void): Client => {
  let isDone = false;
  return {
    ...client,
    call: (async (...args: Parameters<Client['call']>) => {
      if (args[0] === route && !isDone) {
        isDone = true;
        act();
      }
      return client.call(...args);
    }) as Client['call'],
  };
};

describe('a copy without the data', () => {
  test.each(['no segments', 'empty catalog', 'noise'] as const)(
    'is not erased as the device of an export: %s',
    async (decoy) => {
      const { jobId, deviceDir } = await exportIsBack();
      const real = exchange(deviceDir, decoy);
      const before = snapshot(deviceDir);
      await expect(erase(at.station, jobId, deviceDir)).rejects.toMatchObject({
        code: 'DeviceUnproved',
      });
      expect(await stateOf(jobId)).toEqual({ erased: false, open: ['unproved'] });
      expect(snapshot(deviceDir)).toEqual(before);
      rmSync(deviceDir, { recursive: true });
      renameSync(real, deviceDir);
      await at.operator.call('resolveIncident', { params: { jobId }, body: { note: 'found' } });
      await erase(at.station, jobId, deviceDir);
      expect(await stateOf(jobId)).toEqual({ erased: true, open: [], verified: true });
    },
  );

  test.each(['no segments', 'empty catalog'] as const)('is not received: %s', async (decoy) => {
    const { jobId, deviceDir } = await importIsBack();
    exchange(deviceDir, decoy);
    await expect(receive(at.station, jobId, deviceDir)).rejects.toMatchObject({
      code: 'DeviceUnproved',
    });
  });

  test('of a link in place of the segments is hostile', async () => {
    const { jobId, deviceDir } = await exportIsBack();
    const real = exchange(deviceDir, 'no segments');
    symlinkSync(join(real, 'waybill/segments'), join(deviceDir, 'waybill/segments'));
    await expect(erase(at.station, jobId, deviceDir)).rejects.toMatchObject({
      code: 'DeviceHostile',
    });
    expect(await stateOf(jobId)).toEqual({ erased: false, open: ['unproved'] });
  });
});

describe('another device in the place of the one that was imported', () => {
  test.each(['no segments', 'clone'] as const)(
    'is not erased, whether its host knows which one it was or not: %s',
    async (decoy) => {
      const { jobId, deviceDir } = await importIsBack();
      await receive(at.station, jobId, deviceDir);
      await importFrom(at.station, jobId, deviceDir);
      exchange(deviceDir, decoy);
      await expect(erase(at.station, jobId, deviceDir)).rejects.toMatchObject({
        code: 'DeviceSwapped',
      });
      expect(await stateOf(jobId)).toMatchObject({ erased: false, open: ['wrong-device'] });
      await at.operator.call('resolveIncident', { params: { jobId }, body: { note: 'see' } });
      const other = { ...at.station, state: tempDir() };
      const erasing = erase(other, jobId, deviceDir);
      if (decoy === 'clone') await erasing;
      else await expect(erasing).rejects.toMatchObject({ code: 'DeviceUnproved' });
      expect(await stateOf(jobId)).toMatchObject({ erased: decoy === 'clone' });
    },
  );

  test('is noticed before the report of an import is handed in', async () => {
    const { jobId, deviceDir } = await importIsBack();
    await receive(at.station, jobId, deviceDir);
    const swap = () => void exchange(deviceDir, 'clone');
    const client = beforeCall(at.station.client, 'stationCredentials', swap);
    await expect(importFrom({ ...at.station, client }, jobId, deviceDir)).rejects.toMatchObject({
      code: 'DeviceSwapped',
    });
    const job = await at.operator.call('getJob', { params: { jobId } });
    expect(job.reported).toBe(false);
    expect(imported(at)).toEqual(snapshot(at.source));
  });
});

test('an erasure that another host goes on with says that only the rest was counted', async () => {
  const { jobId, deviceDir } = await exportIsBack();
  // The first host is cut off once it has begun, with a part of the data gone.
  const client = beforeCall(at.station.client, 'deviceErased', () => {
    throw new TypeError('killed');
  });
  const copy = join(tempDir(), 'copy');
  mkdirSync(copy);
  cpSync(deviceDir, copy, { recursive: true });
  await expect(erase({ ...at.station, client }, jobId, deviceDir)).rejects.toThrow('killed');
  cpSync(copy, deviceDir, { recursive: true });
  rmSync(join(deviceDir, 'waybill/segments'), { recursive: true });
  const { job } = await erase({ ...at.station, state: tempDir() }, jobId, deviceDir);
  expect(await stateOf(jobId)).toEqual({ erased: true, open: [], verified: false });
  expect(job.erasure?.method).toContain('counted is only what an erasure before');
});
