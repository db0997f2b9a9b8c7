import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Client } from '../../lib/api/client.ts';
import { createAuthority, issueJobCertificate } from '../../lib/keys/certificates.ts';
import { signCms } from '../../lib/keys/cms.ts';
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
import { readLabel } from '../../lib/volume/label.ts';
import { erase } from './erase.ts';
import { exportTo } from './export.ts';
import { importFrom } from './import.ts';
import { prepare } from './prepare.ts';
import { receive } from './receive.ts';
import { watch } from './watch.ts';

/** An appliance import whose device is on its way back; it lies in a folder beside the dock. */
async function onItsWay(at: Facility) {
  const {
    jobId,
    params,
    deviceDir: inDock,
  } = await importOnItsWay(at, {
    fill: { seed: 5, files: 8, bytesMax: 5000 },
  });
  const elsewhere = join(tempDir(), 'elsewhere');
  renameSync(inDock, elsewhere);
  return { jobId, params, inDock, elsewhere };
}

/** What carries nothing of the job but its plain label. */
function copyLabel(from: string, to: string): void {
  mkdirSync(join(to, 'waybill'), { recursive: true });
  cpSync(join(from, 'waybill/label.json'), join(to, 'waybill/label.json'));
}

const jobOf = async (at: Facility, jobId: string) => {
  const job = await at.operator.call('getJob', { params: { jobId } });
  const { entries } = await at.operator.call('jobCustody', { params: { jobId } });
  const open = job.incidents.filter(({ resolvedAt }) => resolvedAt === null);
  return { ...job, open: open.map(({ kind }) => kind), custody: entries.map(({ kind }) => kind) };
};

const resolve = (at: Facility, jobId: string) =>
  at.operator.call('resolveIncident', { params: { jobId }, body: { note: 'the right one' } });

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

describe('a copied label on a blank device', () => {
  test('is neither received nor erased; the real device still comes to its end', async () => {
    const at = await facility();
    const { jobId, inDock, elsewhere } = await onItsWay(at);
    copyLabel(elsewhere, inDock);
    const before = snapshot(inDock);
    for (let turn = 0; turn < 2; turn += 1) await watch(at.station, at.dock, { once: true });
    expect(await jobOf(at, jobId)).toMatchObject({
      state: 'in-transit-to-facility',
      open: ['unproved'],
      custody: expect.not.arrayContaining(['device.proved', 'device.erased']),
    });
    expect(snapshot(inDock)).toEqual(before);
    rmSync(inDock, { recursive: true });
    renameSync(elsewhere, inDock);
    await resolve(at, jobId);
    for (let turn = 0; turn < 2; turn += 1) await watch(at.station, at.dock, { once: true });
    expect(await jobOf(at, jobId)).toMatchObject({
      state: 'completed',
      erased: true,
      open: [],
      custody: expect.arrayContaining(['device.proved', 'device.erased']),
    });
    expect(imported(at)).toEqual(snapshot(at.source));
  });

  test.each(['labelled', 'blank'] as const)(
    'is not erased as the device of an export: %s',
    async (sight) => {
      const at = await facility();
      makeTree(at.bucketDir, { seed: 6, files: 5, bytesMax: 2000 });
      const { id: jobId } = await at.operator.call('createJob', {
        body: newJobBody({ type: 'export' }),
      });
      const deviceDir = device(at, 'SB-1');
      await prepare(at.station, jobId, deviceDir);
      await exportTo(at.station, jobId, deviceDir);
      for (const action of [
        'ship-to-site',
        'deliver',
        'ship-to-facility',
        'arrive-at-sorting',
        'receive',
      ] as const)
        await actOn(at.operator, jobId, action);
      await tellRestored(at, jobId);
      const real = join(tempDir(), 'real');
      renameSync(deviceDir, real);
      mkdirSync(deviceDir);
      if (sight === 'labelled') copyLabel(real, deviceDir);
      await watch(at.station, at.dock, { once: true });
      await expect(erase(at.station, jobId, deviceDir)).rejects.toMatchObject({
        // The watch has found it out and opened an incident.
        code: sight === 'labelled' ? 'PreconditionFailed' : 'DeviceUnproved',
      });
      const job = await jobOf(at, jobId);
      expect(job).toMatchObject({ state: 'at-facility', erased: false, open: ['unproved'] });
      expect(job.custody).not.toContain('device.erased');
    },
  );
});

test('a copied label with a copied seal proves nothing either: what the seal names is not there', async () => {
  const at = await facility();
  const { jobId, inDock, elsewhere } = await onItsWay(at);
  cpSync(elsewhere, inDock, { recursive: true });
  rmSync(join(inDock, 'waybill/catalog'), { recursive: true });
  rmSync(join(inDock, 'waybill/segments'), { recursive: true });
  await expect(receive(at.station, jobId, inDock)).rejects.toMatchObject({
    code: 'DeviceUnproved',
  });
  expect(await jobOf(at, jobId)).toMatchObject({
    state: 'in-transit-to-facility',
    open: ['unproved'],
  });
});

describe('a device that is swapped', () => {
  test('between receiving and importing is not imported', async () => {
    const at = await facility();
    const { jobId, inDock, elsewhere } = await onItsWay(at);
    renameSync(elsewhere, inDock);
    await receive(at.station, jobId, inDock);
    renameSync(inDock, elsewhere);
    copyLabel(elsewhere, inDock);
    await expect(importFrom(at.station, jobId, inDock)).rejects.toMatchObject({
      code: 'VolumeNotSealed',
    });
    expect(await jobOf(at, jobId)).toMatchObject({ reported: false, open: ['unproved'] });
    expect(imported(at).size).toBe(0);
  });

  test('between its proof and its erasure is not erased, and nothing says that it was', async () => {
    const at = await facility();
    const { jobId, inDock, elsewhere } = await onItsWay(at);
    renameSync(elsewhere, inDock);
    await receive(at.station, jobId, inDock);
    await importFrom(at.station, jobId, inDock);
    const swap = () => {
      renameSync(inDock, elsewhere);
      copyLabel(elsewhere, inDock);
    };
    const client = beforeCall(at.station.client, 'claimWork', swap);
    await expect(erase({ ...at.station, client }, jobId, inDock)).rejects.toMatchObject({
      code: 'VolumeNotSealed',
    });
    const job = await jobOf(at, jobId);
    expect(job).toMatchObject({ state: 'completed', erased: false, open: ['unproved'] });
    expect(job.custody).not.toContain('device.erased');
    expect(readLabel(inDock).jobId).toBe(jobId);
    // While the incident is open nothing is erased at all.
    await expect(erase(at.station, jobId, inDock)).rejects.toMatchObject({
      code: 'PreconditionFailed',
    });
    // The real one can still be erased, once somebody has looked.
    rmSync(inDock, { recursive: true });
    renameSync(elsewhere, inDock);
    await resolve(at, jobId);
    await erase(at.station, jobId, inDock);
    expect(await jobOf(at, jobId)).toMatchObject({ erased: true });
  });
});

describe('a seal that is not the job’s', () => {
  test('but of another installation proves nothing', async () => {
    const at = await facility();
    const { jobId, inDock, elsewhere } = await onItsWay(at);
    renameSync(elsewhere, inDock);
    await forgeSeal(jobId, inDock);
    await expect(receive(at.station, jobId, inDock)).rejects.toMatchObject({
      code: 'SignatureInvalid',
    });
    expect(await jobOf(at, jobId)).toMatchObject({
      state: 'in-transit-to-facility',
      open: ['unproved'],
    });
  });
});

/** Signs what the seal says once more, by an authority of one's own, wherever the seal lies. */
async function forgeSeal(jobId: string, deviceDir: string): Promise<void> {
  const now = new Date();
  const authority = await createAuthority({ name: 'Another installation', now });
  const signer = await issueJobCertificate(authority, { jobId, deviceId: 'SB-1', now, days: 30 });
  for (const folder of ['waybill', 'waybill/copy-1', 'waybill/copy-2', 'waybill/parity']) {
    const seal = join(deviceDir, folder, 'seal.bin');
    if (!existsSync(seal)) continue;
    const content = readFileSync(seal);
    const der = signCms({ content, ...signer, detached: true, now });
    writeFileSync(join(deviceDir, folder, 'seal.cms'), der);
  }
}
