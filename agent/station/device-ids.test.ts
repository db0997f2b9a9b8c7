import { describe, expect, test } from 'vitest';
import type { Client } from '../../lib/api/client.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import { newJobBody } from '../../lib/testing/console-world.ts';
import { actOn, device, type Facility, facility } from '../../lib/testing/facility-world.ts';
import { exportTo } from './export.ts';
import { prepare } from './prepare.ts';
import { sightOf } from './station.ts';
import { watch } from './watch.ts';

/** A job for which SB-small is reserved; what prepared it was stopped before the label. */
async function reserved(at: Facility) {
  const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
  const params = { jobId };
  await at.operator.call('actOnJob', { params, body: { action: 'prepare' } });
  await at.operator.call('addDevice', { body: { id: 'SB-small', capacityBytes: 10 ** 14 } });
  await at.operator.call('putDevice', { params, body: { deviceId: 'SB-small' } });
  return { jobId, params };
}

describe('a job that has a device reserved', () => {
  test('refuses another one by hand, which gets neither a label nor that id', async () => {
    const at = await facility();
    const { jobId, params } = await reserved(at);
    const other = device(at, 'SB-other');
    const facts = { found: 'SB-other', expected: 'SB-small' };
    for (const options of [{}, { deviceId: 'SB-other' }])
      await expect(prepare(at.station, jobId, other, options)).rejects.toMatchObject({
        code: 'WrongDevice',
        facts,
      });
    expect(sightOf(other).sight).toBe('blank');
    expect(await at.operator.call('getJob', { params })).toMatchObject({ devicePrepared: false });
    const { devices } = await at.operator.call('listDevices', { query: {} });
    expect(devices.map(({ id }) => id)).not.toContain('SB-other');
  });

  test('takes it from any directory where its id is said, and goes on from its label', async () => {
    const at = await facility();
    const { jobId } = await reserved(at);
    const mounted = device(at, 'mounted');
    const { client } = at.station;
    const cut: Client = {
      ...client,
      call: (async (...args: Parameters<Client['call']>) => {
        if (args[0] === 'devicePrepared')
          throw new WaybillError('ConsoleUnreachable', { url: 'http://gone', detail: 'cut' });
        return client.call(...args);
      }) as Client['call'],
    };
    const options = { deviceId: 'SB-small' };
    await expect(
      prepare({ ...at.station, client: cut }, jobId, mounted, options),
    ).rejects.toMatchObject({ code: 'ConsoleUnreachable' });
    expect(sightOf(mounted).label?.deviceId).toBe('SB-small');
    await expect(
      prepare(at.station, jobId, mounted, { deviceId: 'SB-other' }),
    ).rejects.toMatchObject({ code: 'WrongDevice' });
    expect(await prepare(at.station, jobId, mounted)).toMatchObject({
      deviceId: 'SB-small',
      state: 'ready-to-ship',
    });
  });

  test('gets it from a watching station, whatever else is in the dock and whoever was faster', async () => {
    const at = await facility();
    const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
    const params = { jobId };
    await at.operator.call('actOnJob', { params, body: { action: 'prepare' } });
    const other = device(at, 'SB-other');
    const { client } = at.station;
    let isFirst = true;
    // Another station reserves its device between the look and the claim, and is stopped.
    const late: Client = {
      ...client,
      call: (async (...args: Parameters<Client['call']>) => {
        if (args[0] === 'claimWork' && isFirst) {
          isFirst = false;
          const body = { id: 'SB-small', capacityBytes: 10 ** 14 };
          await at.operator.call('addDevice', { body });
          await at.operator.call('putDevice', { params, body: { deviceId: 'SB-small' } });
        }
        return client.call(...args);
      }) as Client['call'],
    };
    await watch({ ...at.station, client: late }, at.dock, { once: true });
    expect(sightOf(other).sight).toBe('blank');
    const small = device(at, 'SB-small');
    await watch(at.station, at.dock, { once: true });
    expect(sightOf(other).sight).toBe('blank');
    expect(sightOf(small).label).toMatchObject({ jobId, deviceId: 'SB-small' });
  });
});

test('an export of a customer’s disk is not written onto the disk of another job', async () => {
  const at = await facility();
  const body = newJobBody({ type: 'export', option: 'disk', sizeBytes: 10 ** 12 });
  const { id: jobId } = await at.operator.call('createJob', { body });
  const { deviceId: otherId } = await at.operator.call('createJob', { body });
  await actOn(at.operator, jobId, 'ship-to-facility');
  await actOn(at.operator, jobId, 'receive');
  const other = device(at, otherId ?? '');
  await expect(exportTo(at.station, jobId, other)).rejects.toMatchObject({
    code: 'WrongDevice',
    facts: { found: otherId },
  });
  expect(sightOf(other).sight).toBe('blank');
});
