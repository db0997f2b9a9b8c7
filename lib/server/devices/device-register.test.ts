import { describe, expect, test } from 'vitest';
import { consoleWorld, newJobBody } from '../../testing/console-world.ts';

async function fleet() {
  const world = await consoleWorld();
  const facility = await world.as('facility');
  for (const id of ['SB-1', 'SB-2', 'SB_3'])
    await facility.call('addDevice', { body: { id, capacityBytes: 80e12, note: `shelf ${id}` } });
  const change = (deviceId: string, body: object) =>
    facility.call('changeDevice', { params: { deviceId }, body });
  return { ...world, facility, change };
}

describe('the inventory', () => {
  test('is filtered and paged by the server, and counts what matches', async () => {
    const { facility, change } = await fleet();
    await change('SB-2', { state: 'quarantined' });
    const found = async (query: object) => {
      const { devices, total } = await facility.call('listDevices', { query });
      return { ids: devices.map(({ id }) => id), total };
    };
    expect(await found({ limit: 2 })).toEqual({ ids: ['SB-1', 'SB-2'], total: 3 });
    expect(await found({ limit: 2, after: 'SB-2' })).toEqual({ ids: ['SB_3'], total: 3 });
    expect(await found({ state: 'quarantined' })).toEqual({ ids: ['SB-2'], total: 1 });
    expect(await found({ text: 'sb_' })).toEqual({ ids: ['SB_3'], total: 1 });
    expect(await found({ owner: 'customer' })).toEqual({ ids: [], total: 0 });
  });

  test('knows where a device is, and leaves it to the job that needs it', async () => {
    const { facility, change, as } = await fleet();
    const operator = await as('operator');
    const job = await operator.call('createJob', { body: newJobBody({}) });
    const params = { jobId: job.id };
    await facility.call('actOnJob', { params, body: { action: 'prepare' } });
    await facility.call('putDevice', { params, body: { deviceId: 'SB-1' } });
    await (await as('station')).call('devicePrepared', { params });
    for (const action of ['mark-ready', 'ship-to-site'] as const)
      await facility.call('actOnJob', { params, body: { action } });
    const onItsWay = { state: 'in-transit', place: 'to-site', actions: [] };
    const device = { params: { deviceId: 'SB-1' } };
    expect(await facility.call('getDevice', device)).toMatchObject({
      ...onItsWay,
      job: { id: job.id, state: 'in-transit-to-site' },
    });
    for (const body of [{ state: 'lost' }, { capacityBytes: 50e12 }])
      await expect(change('SB-1', body)).rejects.toMatchObject({ code: 'DeviceChangeRefused' });
    expect((await change('SB-1', { note: 'dented' })).note).toBe('dented');
    const { entries } = await facility.call('listCustody', { query: { deviceId: 'SB-1' } });
    expect(entries.map(({ kind }) => kind)).toContain('job.transition');
  });
});

describe('a device that no job needs', () => {
  test('goes through the steps of the table, and through no others', async () => {
    const { change, as } = await fleet();
    const step = async (state: string) => {
      const { place, actions } = await change('SB-1', { state });
      return { place, actions };
    };
    expect(await step('lost')).toEqual({ place: 'unknown', actions: ['report-found', 'retire'] });
    await expect(change('SB-1', { state: 'available' })).rejects.toMatchObject({
      code: 'DeviceChangeRefused',
      facts: { allowed: 'quarantined, retired' },
    });
    expect((await step('quarantined')).place).toBe('facility');
    expect((await step('retired')).actions).toEqual(['put-back']);
    expect((await step('available')).actions).toEqual(['set-aside', 'report-lost', 'retire']);
    const seen = await (await as('viewer')).call('getDevice', { params: { deviceId: 'SB-1' } });
    expect(seen.actions).toEqual([]);
  });

  test('can be retired with the trace of its last job on it, when that job is over', async () => {
    const { facility, change, as } = await fleet();
    const job = await (await as('operator')).call('createJob', { body: newJobBody({}) });
    const params = { jobId: job.id };
    await facility.call('actOnJob', { params, body: { action: 'prepare' } });
    await facility.call('putDevice', { params, body: { deviceId: 'SB-1' } });
    await (await as('station')).call('devicePrepared', { params });
    await facility.call('actOnJob', { params, body: { action: 'cancel' } });
    const device = { params: { deviceId: 'SB-1' } };
    expect(await facility.call('getDevice', device)).toMatchObject({
      state: 'at-facility',
      place: 'facility',
      jobId: job.id,
      actions: ['set-aside', 'report-lost', 'retire'],
    });
    expect(await change('SB-1', { state: 'retired' })).toMatchObject({ jobId: null });
  });
});
