import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import {
  type Facility,
  facility,
  imported,
  importOnItsWay,
} from '../../lib/testing/facility-world.ts';
import { snapshot } from '../../lib/testing/trees.ts';
import { removeEverywhere } from '../../lib/volume/copies.ts';
import { erase } from './erase.ts';
import { importFrom } from './import.ts';
import { receive } from './receive.ts';
import { watch } from './watch.ts';

const FILES = 12;

/** A device that is back at a facility where other objects lie under the keys of some of its own. */
async function deviceInTheWay(at: Facility, inTheWay: number) {
  const { jobId, deviceDir } = await importOnItsWay(at, {
    fill: { seed: 5, files: FILES, bytesMax: 5000 },
  });
  await receive(at.station, jobId, deviceDir);
  const keys = [...snapshot(at.source).keys()]
    .filter((key) => !key.endsWith('/'))
    .slice(0, inTheWay);
  const paths = keys.map((key) => join(at.bucketDir, key));
  for (const path of paths) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'somebody else’s');
  }
  const params = { jobId };
  const job = () => at.operator.call('getJob', { params });
  const turn = () => watch(at.station, at.dock, { once: true });
  return {
    jobId,
    params,
    deviceDir,
    job,
    turn,
    clear: () => {
      for (const path of paths) rmSync(path);
    },
  };
}

const openOf = ({ incidents }: JobDetail) =>
  incidents.filter(({ resolvedAt }) => resolvedAt === null).map(({ kind }) => kind);
const isOnDevice = (deviceDir: string) => existsSync(join(deviceDir, 'waybill/seal.bin'));

test('a device of which nothing landed is kept, and its job is not completed', async () => {
  const at = await facility();
  const { jobId, deviceDir, job, turn } = await deviceInTheWay(at, FILES);
  for (let i = 0; i < 3; i += 1) await turn();
  const kept = await job();
  expect(kept).toMatchObject({
    state: 'importing',
    erased: false,
    report: { objects: 0, failed: FILES, outcome: 'with-errors' },
    reportAttempts: 1,
    evidence: { failed: FILES },
  });
  expect(openOf(kept)).toEqual(['objects-failed']);
  expect(kept.offers.find(({ action }) => action === 'complete')).toMatchObject({
    allowed: false,
    reason: expect.stringContaining('an incident is open: Objects did not land'),
  });
  await expect(erase(at.station, jobId, deviceDir)).rejects.toMatchObject({
    code: 'PreconditionFailed',
  });
  expect(isOnDevice(deviceDir)).toBe(true);
});

test('its failed objects are tried again on demand, and then it is completed and erased', async () => {
  const at = await facility();
  const { params, deviceDir, job, turn, clear } = await deviceInTheWay(at, 3);
  await turn();
  expect(await job()).toMatchObject({ state: 'importing', report: { objects: 9, failed: 3 } });
  clear();
  await turn();
  // Nobody has asked for it.
  expect(await job()).toMatchObject({ reportAttempts: 1 });
  await at.operator.call('retryFailed', { params });
  await turn();
  const done = await job();
  expect(done).toMatchObject({
    state: 'completed',
    outcome: 'succeeded',
    erased: true,
    retryRequested: null,
    report: { objects: FILES, failed: 0 },
    erasure: { verified: true, sealDigest: done.seal?.sealDigest },
  });
  expect(openOf(done)).toEqual([]);
  expect(imported(at)).toEqual(snapshot(at.source));
  expect(readdirSync(deviceDir)).toEqual([]);
});

test('losses that are accepted by name complete the job; the device is erased after the grace time', async () => {
  const at = await facility();
  const { params, deviceDir, job, turn } = await deviceInTheWay(at, 3);
  await turn();
  const { list, objects, first } = await at.operator.call('jobLosses', { params });
  expect({ objects, first: first.length }).toEqual({ objects: 3, first: 3 });
  const operator = await at.world.as('operator');
  const note = 'ours are the older ones';
  await operator.call('acceptLosses', { params, body: { list, note } });
  await turn();
  expect(await job()).toMatchObject({
    state: 'completed',
    outcome: 'with-errors',
    erased: false,
    decisions: { acceptedLosses: { by: 'operator', note, list, objects: 3 } },
    evidence: { graceOver: false },
  });
  expect(isOnDevice(deviceDir)).toBe(true);
  await at.operator.call('changeErasingSettings', { body: { graceDays: 0 } });
  await turn();
  expect(await job()).toMatchObject({ erased: true, erasure: { verified: true } });
});

test('accepted losses are tried again while the device is kept; without being asked nothing is written', async () => {
  const at = await facility();
  const { jobId, params, deviceDir, job, turn, clear } = await deviceInTheWay(at, 3);
  await turn();
  const { list } = await at.operator.call('jobLosses', { params });
  await at.operator.call('acceptLosses', { params, body: { list, note: 'old' } });
  clear();
  const before = imported(at);
  await expect(
    importFrom(at.station, jobId, deviceDir, { onlyFailed: true }),
  ).rejects.toMatchObject({ code: 'InvalidJobState' });
  expect(imported(at)).toEqual(before);
  await at.operator.call('retryFailed', { params });
  await turn();
  expect(await job()).toMatchObject({ outcome: 'succeeded', report: { failed: 0 } });
  expect(imported(at)).toEqual(snapshot(at.source));
});

test('a watching station leaves what an administrator allows to people, who find a whole device verified', async () => {
  const at = await facility();
  const { jobId, params, deviceDir, job, turn } = await deviceInTheWay(at, 3);
  await turn();
  await at.operator.call('actOnJob', { params, body: { action: 'close' } });
  await at.operator.call('allowErase', { params, body: { note: 'nobody wants it' } });
  await turn();
  expect(await job()).toMatchObject({ erased: false });
  expect(isOnDevice(deviceDir)).toBe(true);
  await erase(at.station, jobId, deviceDir);
  expect(await job()).toMatchObject({ erased: true, erasure: { verified: true } });
  await at.operator.call('destroyKey', { params, body: { note: 'over' } });
});

test('losses that are accepted while an incident is open complete the job once that is resolved', async () => {
  const at = await facility();
  const { params, job, turn } = await deviceInTheWay(at, 3);
  await turn();
  await at.operator.call('reportIncident', { params, body: { kind: 'other', note: 'a dent' } });
  const { list } = await at.operator.call('jobLosses', { params });
  await at.operator.call('acceptLosses', { params, body: { list, note: 'old' } });
  await turn();
  expect(await job()).toMatchObject({ state: 'importing', reportAttempts: 1 });
  await at.operator.call('resolveIncident', { params, body: { note: 'a dent only' } });
  expect(await job()).toMatchObject({
    state: 'completed',
    outcome: 'with-errors',
    reportAttempts: 1,
    decisions: { acceptedLosses: { list } },
  });
});

test('a device that was closed without proof is erased only as an administrator allows, as not verified', async () => {
  const at = await facility();
  const { jobId, params, deviceDir, job, turn } = await deviceInTheWay(at, 3);
  await turn();
  await at.operator.call('actOnJob', { params, body: { action: 'close' } });
  await turn();
  expect(await job()).toMatchObject({ state: 'completed', outcome: 'with-errors', erased: false });
  for (const role of ['operator', 'facility'] as const)
    await expect(
      (await at.world.as(role)).call('allowErase', { params, body: { note: 'please' } }),
    ).rejects.toMatchObject({ code: 'Forbidden' });
  removeEverywhere(deviceDir, 'seal.cms');
  await at.operator.call('allowErase', { params, body: { note: 'its seal is burnt' } });
  await erase(at.station, jobId, deviceDir);
  expect(await job()).toMatchObject({
    erased: true,
    erasure: {
      verified: false,
      sealDigest: null,
      unverified: { by: 'admin', note: 'its seal is burnt' },
    },
  });
});
