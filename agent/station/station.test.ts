import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TB } from '../../lib/domain/sizes.ts';
import { newJobBody } from '../../lib/testing/console-world.ts';
import {
  actOn,
  copyAtSite,
  device,
  type Facility,
  facility,
  imported,
  importOnItsWay,
} from '../../lib/testing/facility-world.ts';
import { makeTree, snapshot } from '../../lib/testing/trees.ts';
import { homesOf, removeEverywhere } from '../../lib/volume/copies.ts';
import { readLabel } from '../../lib/volume/label.ts';
import { erase } from './erase.ts';
import { exportTo } from './export.ts';
import { importFrom } from './import.ts';
import { prepare } from './prepare.ts';
import { receive } from './receive.ts';
import { watch } from './watch.ts';

/** An appliance import whose device is back at the facility. */
async function deviceBack(at: Facility) {
  const { jobId, deviceDir } = await importOnItsWay(at);
  await receive(at.station, jobId, deviceDir);
  return { jobId, deviceDir, params: { jobId } };
}

describe('a station', () => {
  test('imports what came back, hands in the report, and erases', async () => {
    const at = await facility();
    const { jobId, deviceDir, params } = await deviceBack(at);
    const { job, summary } = await importFrom(at.station, jobId, deviceDir);
    expect(summary).toMatchObject({ objects: 12, failed: 0, outcome: 'succeeded' });
    expect(job).toMatchObject({ state: 'completed', outcome: 'succeeded', reported: true });
    expect(imported(at)).toEqual(snapshot(at.source));
    const report = await at.operator.call('getReport', { params: { jobId, file: 'success.csv' } });
    expect((await report.text()).trim().split('\r\n').length).toBeGreaterThanOrEqual(12);
    const operations = async () =>
      (await at.operator.call('getJob', { params })).operations.slice(-2);
    expect(await operations()).toMatchObject([
      { operation: 'import', state: 'done', maximumRetries: 10 },
      { operation: 'erase', state: 'planned', waits: 'its start' },
    ]);
    await erase(at.station, jobId, deviceDir);
    expect(await operations()).toMatchObject([{ state: 'done' }, { state: 'done' }]);
    expect(existsSync(join(deviceDir, 'waybill'))).toBe(false);
    const free = await at.operator.call('getDevice', { params: { deviceId: 'SB-1' } });
    expect(free).toMatchObject({ state: 'erased', jobId: null });
    const { entries } = await at.operator.call('jobCustody', { params });
    expect(entries.at(-1)?.kind).toBe('device.erased');
    expect(await at.operator.call('verifyCustody')).toMatchObject({ brokenAt: null });
  });

  test('does not import what another station imports', async () => {
    const at = await facility();
    const { jobId, deviceDir, params } = await deviceBack(at);
    await at.station.client.call('claimWork', { params, body: { work: 'import' } });
    await expect(importFrom(at.station, jobId, deviceDir)).rejects.toMatchObject({
      code: 'AlreadyClaimed',
    });
    expect(imported(at).size).toBe(0);
  });

  test('refuses a device that is not sealed, and says so on the job', async () => {
    const at = await facility();
    const { jobId, deviceDir, params } = await deviceBack(at);
    removeEverywhere(deviceDir, 'seal.cms');
    await expect(importFrom(at.station, jobId, deviceDir)).rejects.toMatchObject({
      code: 'VolumeNotSealed',
    });
    expect(imported(at).size).toBe(0);
    expect((await at.operator.call('getJob', { params })).state).toBe('importing');
  });

  test('refuses a device of another job, and one that is not the job’s', async () => {
    const at = await facility();
    const { jobId, deviceDir } = await deviceBack(at);
    const other = await at.operator.call('createJob', { body: newJobBody() });
    await expect(importFrom(at.station, other.id, deviceDir)).rejects.toMatchObject({
      code: 'InvalidJobState',
    });
    const label = readLabel(deviceDir);
    for (const path of homesOf('label.json'))
      writeFileSync(join(deviceDir, path), JSON.stringify({ ...label, deviceId: 'SB-2' }));
    await expect(importFrom(at.station, jobId, deviceDir)).rejects.toMatchObject({
      code: 'WrongDevice',
    });
    await expect(erase(at.station, other.id, deviceDir)).rejects.toMatchObject({
      code: 'WrongJobDevice',
    });
  });

  test('prepares no device that holds something', async () => {
    const at = await facility();
    const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
    const deviceDir = device(at, 'SB-1');
    writeFileSync(join(deviceDir, 'photos.zip'), 'mine');
    await expect(prepare(at.station, jobId, deviceDir)).rejects.toMatchObject({
      code: 'DeviceNotEmpty',
    });
    rmSync(join(deviceDir, 'photos.zip'));
    expect(await prepare(at.station, jobId, deviceDir)).toMatchObject({ state: 'ready-to-ship' });
  });

  test('fills the device of an export once, however often it is told to', async () => {
    const at = await facility();
    makeTree(at.bucketDir, { seed: 6, files: 10, bytesMax: 2000 });
    const body = newJobBody({ type: 'export' });
    const { id: jobId } = await at.operator.call('createJob', { body });
    const deviceDir = device(at, 'SB-1');
    await prepare(at.station, jobId, deviceDir);
    const done = await exportTo(at.station, jobId, deviceDir);
    expect(done).toMatchObject({
      objects: 10,
      failed: 0,
      job: { state: 'ready-to-ship', sealed: true, reported: true, outcome: 'succeeded' },
    });
    const file = { params: { jobId, file: 'success.csv' } } as const;
    const lines = (await (await at.operator.call('getReport', file)).text()).trim().split('\r\n');
    const keys = lines.slice(1).map((line) => line.split(',')[0] ?? '');
    for (const key of snapshot(at.bucketDir).keys()) expect(keys).toContain(key);
    const again = exportTo(at.station, jobId, deviceDir);
    await expect(again).rejects.toMatchObject({ code: 'InvalidJobState' });
  });

  test('exports nothing from where there is nothing', async () => {
    const at = await facility();
    const body = newJobBody({ type: 'export', prefix: 'nowhere/' });
    const { id: jobId } = await at.operator.call('createJob', { body });
    const deviceDir = device(at, 'SB-1');
    await expect(prepare(at.station, jobId, deviceDir)).rejects.toMatchObject({
      code: 'StoreEmptyRange',
    });
    expect(existsSync(join(deviceDir, 'waybill'))).toBe(false);
  });

  test('returns a customer’s disk as it is', async () => {
    const at = await facility();
    const body = newJobBody({ option: 'disk', sizeBytes: TB, encrypted: false });
    const { id: jobId } = await at.operator.call('createJob', { body });
    const deviceDir = device(at, 'own-disk');
    makeTree(at.source, { seed: 7, files: 5, bytesMax: 1000 });
    // In the way of the report that is to lie beside the data.
    writeFileSync(join(at.source, 'waybill-reports'), 'data');
    await copyAtSite(at, jobId, deviceDir);
    await actOn(at.operator, jobId, 'ship-to-facility');
    await receive(at.station, jobId, deviceDir);
    const { job } = await importFrom(at.station, jobId, deviceDir);
    expect(job).toMatchObject({ state: 'importing', reported: true });
    await expect(erase(at.station, jobId, deviceDir)).rejects.toMatchObject({ code: 'OptionRule' });
    await actOn(at.operator, jobId, 'return');
    expect(await actOn(at.operator, jobId, 'complete')).toMatchObject({
      state: 'completed',
      outcome: 'succeeded',
      device: { state: 'retired' },
    });
    expect(imported(at)).toEqual(snapshot(at.source));
  });
});

describe('a receipt', () => {
  test('that was not signed for the job proves nothing; the device stays at the site', async () => {
    const at = await facility();
    const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
    const deviceDir = device(at, 'SB-1');
    await prepare(at.station, jobId, deviceDir);
    await actOn(at.operator, jobId, 'ship-to-site');
    await actOn(at.operator, jobId, 'deliver');
    makeTree(at.source, { seed: 8, files: 3, bytesMax: 100 });
    await copyAtSite(at, jobId, deviceDir, false);
    await expect(actOn(at.operator, jobId, 'ship-to-facility')).rejects.toMatchObject({
      code: 'PreconditionFailed',
      next: expect.stringContaining('waybill seal'),
    });
    const params = { jobId };
    for (const body of [new Uint8Array(10), new TextEncoder().encode('{}')]) {
      await expect(at.operator.call('putSealReceipt', { params, body })).rejects.toMatchObject({
        code: 'SealReceiptInvalid',
      });
    }
    const manifest = await at.operator.call('getManifest', { params });
    const body = new Uint8Array(await manifest.arrayBuffer());
    await expect(at.operator.call('putSealReceipt', { params, body })).rejects.toMatchObject({
      code: 'SealReceiptInvalid',
    });
  });
});

describe('a dock', () => {
  test('is watched: each device gets what its job needs, and a bad one holds up nothing', async () => {
    const at = await facility();
    const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
    const params = { jobId };
    mkdirSync(join(at.dock, 'A-foreign'));
    writeFileSync(join(at.dock, 'A-foreign/photos.zip'), 'mine');
    mkdirSync(join(at.dock, 'B-broken/waybill'), { recursive: true });
    writeFileSync(join(at.dock, 'B-broken/waybill/label.json'), '{');
    const deviceDir = device(at, 'C-blank');
    await watch(at.station, at.dock, { once: true });
    expect(existsSync(join(deviceDir, 'waybill'))).toBe(false);
    await at.operator.call('actOnJob', { params, body: { action: 'prepare' } });
    await watch(at.station, at.dock, { once: true });
    expect(await at.operator.call('getJob', { params })).toMatchObject({
      state: 'ready-to-ship',
      deviceId: 'C-blank',
    });
    await actOn(at.operator, jobId, 'ship-to-site');
    await actOn(at.operator, jobId, 'deliver');
    makeTree(at.source, { seed: 9, files: 4, bytesMax: 300 });
    await copyAtSite(at, jobId, deviceDir);
    await watch(at.station, at.dock, { once: true });
    expect((await at.operator.call('getJob', { params })).state).toBe('at-site');
    await actOn(at.operator, jobId, 'ship-to-facility');
    await watch(at.station, at.dock, { once: true });
    expect(await at.operator.call('getJob', { params })).toMatchObject({
      state: 'completed',
      erased: true,
      outcome: 'succeeded',
    });
    expect(imported(at)).toEqual(snapshot(at.source));
    expect(readFileSync(join(at.dock, 'A-foreign/photos.zip'), 'utf8')).toBe('mine');
  });

  test('a copy of a device of a finished job is left alone', async () => {
    const at = await facility();
    const { jobId, deviceDir } = await deviceBack(at);
    const copy = join(at.dir, 'copy');
    cpSync(deviceDir, copy, { recursive: true });
    await watch(at.station, at.dock, { once: true });
    cpSync(copy, join(at.dock, 'again'), { recursive: true });
    await watch(at.station, at.dock, { once: true });
    expect(existsSync(join(at.dock, 'again/waybill/seal.cms'))).toBe(true);
    const job = await at.operator.call('getJob', { params: { jobId } });
    expect(job.state).toBe('completed');
  });
});
