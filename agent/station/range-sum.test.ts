import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TB } from '../../lib/domain/sizes.ts';
import { summingEnds } from '../../lib/server/ranges/range-sums.ts';
import { newJobBody } from '../../lib/testing/console-world.ts';
import { device, type Facility, facility } from '../../lib/testing/facility-world.ts';
import { exportTo } from './export.ts';
import { prepare } from './prepare.ts';

/** Files that say they are large, and take no room. */
function sparse(at: Facility, sizes: Record<string, number>): void {
  for (const [name, bytes] of Object.entries(sizes)) {
    const path = join(at.bucketDir, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '');
    truncateSync(path, bytes);
  }
}

const SIXTY_TB = { a: 10 * TB, b: 10 * TB, c: 10 * TB, d: 10 * TB, e: 10 * TB, f: 10 * TB };

async function exportJob(at: Facility, changes: Record<string, unknown> = {}) {
  const body = newJobBody({ type: 'export', ...changes });
  const { id: jobId } = await at.operator.call('createJob', { body });
  await summingEnds(at.world.console);
  return { jobId, params: { jobId } };
}

describe('an export', () => {
  test('that was ordered before its bucket was filled is listed again by the station', async () => {
    const at = await facility();
    const { jobId, params } = await exportJob(at);
    const empty = await at.operator.call('getJob', { params });
    expect(empty.rangeSum).toMatchObject({ objects: 0 });
    sparse(at, { a: 3 });
    const job = await prepare(at.station, jobId, device(at, 'SB-1'));
    expect(job).toMatchObject({ devicePrepared: true, rangeSum: { objects: 1, bytes: 3 } });
  });

  test('is listed and summed when it is ordered, and again when what it takes changes', async () => {
    const at = await facility();
    sparse(at, { 'a/1': 3, 'a/2': 4, b: 5, 'waybill-reports/JID1/summary.json': 6 });
    const { jobId, params } = await exportJob(at);
    expect(await at.operator.call('getJob', { params })).toMatchObject({
      rangeSum: { objects: 3, bytes: 12, parts: [{ begin: null, end: null, objects: 3 }] },
    });
    await at.operator.call('changeJob', { params, body: { prefix: 'a/' } });
    await summingEnds(at.world.console);
    const changed = await at.operator.call('getJob', { params });
    expect(changed.rangeSum).toMatchObject({ objects: 2, bytes: 7 });
    await at.operator.call('changeJob', { params, body: { prefix: '', includeReports: true } });
    await summingEnds(at.world.console);
    const all = await at.operator.call('getJob', { params });
    expect(all.rangeSum).toMatchObject({ objects: 4, bytes: 18 });
    await prepare(at.station, jobId, device(at, 'SB-1'));
  });

  test('that does not fit names its parts, is not prepared, and one command makes a job of each', async () => {
    const at = await facility();
    sparse(at, { a: TB, b: TB, c: TB, d: 1000 });
    const { jobId, params } = await exportJob(at, { option: 'disk', sizeBytes: 2 * TB });
    const job = await at.operator.call('getJob', { params });
    expect(job.rangeSum).toMatchObject({
      objects: 4,
      parts: [
        { begin: null, end: 'b', objects: 2, bytes: 2 * TB },
        { begin: 'c', end: null, objects: 2, bytes: TB + 1000 },
      ],
    });
    expect(job.offers.find(({ action }) => action === 'ship-to-facility')).toMatchObject({
      allowed: false,
      fix: expect.stringContaining('waybill job split'),
    });
    const shipping = { action: 'ship-to-facility', shipment: { carrier: 'C' } } as const;
    await expect(at.operator.call('actOnJob', { params, body: shipping })).rejects.toMatchObject({
      code: 'PreconditionFailed',
    });
    const { jobs } = await at.operator.call('splitJob', { params, body: {} });
    expect(jobs).toMatchObject([
      { id: jobId, name: 'A job (part 1 of 2)', objects: 2 },
      { name: 'A job (part 2 of 2)', objects: 2 },
    ]);
    for (const { id } of jobs) {
      const part = await at.operator.call('getJob', { params: { jobId: id } });
      expect(part.offers).toContainEqual(
        expect.objectContaining({ action: 'ship-to-facility', allowed: true }),
      );
    }
    const [, second] = jobs;
    const last = await at.operator.call('getJob', { params: { jobId: second?.id ?? '' } });
    expect(last).toMatchObject({ rangeBegin: 'c', rangeEnd: null, sizeBytes: 2 * TB });
  });

  test('of an appliance that does not fit is refused before its device gets a label', async () => {
    const at = await facility();
    sparse(at, SIXTY_TB);
    const { jobId, params } = await exportJob(at);
    const { rangeSum } = await at.operator.call('getJob', { params });
    await expect(prepare(at.station, jobId, device(at, 'SB-1'))).rejects.toMatchObject({
      code: 'PreconditionFailed',
    });
    expect(rangeSum?.parts).toHaveLength(2);
    const { jobs } = await at.operator.call('splitJob', { params, body: {} });
    expect(jobs).toHaveLength(2);
    await expect(at.operator.call('splitJob', { params, body: {} })).rejects.toMatchObject({
      code: 'PreconditionFailed',
    });
    const smaller = { partBytes: 50 * TB };
    await expect(at.operator.call('splitJob', { params, body: smaller })).rejects.toMatchObject({
      code: 'PreconditionFailed',
    });
  });

  test('that only the station can list is listed by it, and refused with its parts', async () => {
    const at = await facility();
    const { jobId, params } = await exportJob(at, { bucket: 'later', skipStoreCheck: true });
    expect(await at.operator.call('getJob', { params })).toMatchObject({ rangeSum: null });
    const deviceDir = device(at, 'SB-1');
    await expect(prepare(at.station, jobId, deviceDir)).rejects.toMatchObject({
      code: 'BucketNotFound',
    });
    const bucketDir = join(at.bucketDir, '../later');
    mkdirSync(bucketDir);
    await expect(prepare(at.station, jobId, deviceDir)).rejects.toMatchObject({
      code: 'StoreEmptyRange',
    });
    sparse({ ...at, bucketDir }, SIXTY_TB);
    await at.operator.call('sumRange', { params });
    await expect(prepare(at.station, jobId, deviceDir)).rejects.toMatchObject({
      code: 'ExportTooLarge',
      facts: { parts: expect.stringContaining('from f to the last key') },
      next: expect.stringContaining(`waybill job split ${jobId}`),
    });
    const known = await at.operator.call('getJob', { params });
    expect(known).toMatchObject({ state: 'preparing', devicePrepared: false });
    await at.operator.call('splitJob', { params, body: {} });
    const prepared = await prepare(at.station, jobId, deviceDir);
    expect(prepared).toMatchObject({ devicePrepared: true, rangeBegin: null, rangeEnd: 'e' });
  });
});

test('an export leaves reports out unless it is asked for them, wherever the store keeps them', async () => {
  const at = await facility();
  const store = { storeId: 'embedded' };
  const settings = { reports: { prefix: 'audit/' } };
  await at.operator.call('changeStore', { params: store, body: { settings } });
  sparse(at, { a: 3, 'audit/JID1/summary.json': 6, 'waybill-reports/old': 7 });
  const { jobId, params } = await exportJob(at);
  const deviceDir = device(at, 'SB-1');
  await prepare(at.station, jobId, deviceDir);
  const done = await exportTo(at.station, jobId, deviceDir);
  expect(done).toMatchObject({ objects: 2, proofs: { none: 2 } });
  const report = await at.operator.call('getReport', {
    params: { ...params, file: 'success.csv' },
  });
  expect(await report.text()).not.toContain('audit/');
});
