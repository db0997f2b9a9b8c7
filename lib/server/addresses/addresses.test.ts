import { describe, expect, test } from 'vitest';
import { consoleWorld, newJobBody } from '../../testing/console-world.ts';
import { verifyCustody } from '../custody/log.ts';

const berlin = {
  name: 'Ada Example',
  street1: 'Main St 1',
  city: 'Berlin',
  country: 'de',
  postalCode: '10115',
  phoneNumber: '+49 30 1234567',
};

describe('addresses', () => {
  test('are added, found, changed and archived', async () => {
    const { as } = await consoleWorld();
    const operator = await as('operator');
    const made = await operator.call('addAddress', { body: berlin });
    expect(made).toMatchObject({ country: 'DE', company: '', archivedAt: null });
    expect(made.id).toMatch(/^ADID[0-9a-f-]{36}$/);
    const other = await operator.call('addAddress', { body: { ...berlin, city: 'Potsdam' } });
    const found = async (query: { text?: string; archived?: 'true' | 'false' }) =>
      (await operator.call('listAddresses', { query })).addresses.map(({ id }) => id);
    expect(await found({})).toEqual([other.id, made.id]);
    expect(await found({ text: 'potsd' })).toEqual([other.id]);
    expect(await found({ text: '%' })).toEqual([]);
    const params = { addressId: made.id };
    await operator.call('changeAddress', { params, body: { archived: true } });
    expect(await found({ archived: 'true' })).toEqual([made.id]);
    expect(await found({ archived: 'false' })).toEqual([other.id]);
    const refused = operator.call('createJob', { body: newJobBody({ addressId: made.id }) });
    await expect(refused).rejects.toMatchObject({ code: 'AddressArchived' });
    const back = await operator.call('changeAddress', { params, body: { archived: false } });
    expect(back.archivedAt).toBeNull();
  });

  test('are paged', async () => {
    const { as } = await consoleWorld();
    const operator = await as('operator');
    for (let i = 0; i < 5; i += 1)
      await operator.call('addAddress', { body: { ...berlin, name: `n${i}` } });
    const first = await operator.call('listAddresses', { query: { limit: 3 } });
    const before = first.next ?? 0;
    const second = await operator.call('listAddresses', { query: { limit: 3, before } });
    expect([...first.addresses, ...second.addresses].map(({ name }) => name)).toEqual([
      ...['n4', 'n3', 'n2', 'n1', 'n0'],
    ]);
    expect(second.next).toBeNull();
  });

  test('that cannot be shipped to are refused, with all that is wrong', async () => {
    const { as } = await consoleWorld();
    const operator = await as('operator');
    const bad = { ...berlin, street1: 'PO Box 7', postalCode: '1' };
    await expect(operator.call('addAddress', { body: bad })).rejects.toMatchObject({
      code: 'AddressInvalid',
      facts: { fields: 'street1,postalCode' },
    });
    expect((await operator.call('listAddresses')).addresses).toEqual([]);
    const made = await operator.call('addAddress', { body: berlin });
    const change = { params: { addressId: made.id }, body: { country: 'US' } };
    await expect(operator.call('changeAddress', change)).rejects.toMatchObject({
      code: 'AddressInvalid',
    });
  });
});

test('a job shows its address; a device that was shipped keeps the text of its time', async () => {
  const { as, console } = await consoleWorld();
  const [operator, facility, admin] = [
    ...[await as('operator'), await as('facility'), await as('admin')],
  ] as const;
  const { id: addressId } = await operator.call('addAddress', { body: berlin });
  const job = await operator.call('createJob', { body: newJobBody({ addressId }) });
  expect(job.address).toMatchObject({ id: addressId, city: 'Berlin' });
  const params = { jobId: job.id };
  await admin.call('setFacilityAddress', { body: { ...berlin, city: 'Hamburg' } });
  await facility.call('addDevice', { body: { id: 'SB-1', capacityBytes: 80e12 } });
  await facility.call('actOnJob', { params, body: { action: 'prepare' } });
  await facility.call('putDevice', { params, body: { deviceId: 'SB-1' } });
  await (await as('station')).call('devicePrepared', { params });
  for (const action of ['mark-ready', 'ship-to-site'] as const)
    await facility.call('actOnJob', { params, body: { action } });
  const moved = { params: { addressId }, body: { street1: 'Side St 2' } };
  await operator.call('changeAddress', moved);
  const now = await operator.call('getJob', { params });
  expect(now.address?.street1).toBe('Side St 2');
  expect(now.shipments[0]?.destination).toMatchObject({ street1: 'Main St 1', city: 'Berlin' });
  expect((await operator.call('facilityAddress')).address?.city).toBe('Hamburg');
  const change = { params, body: { addressId: null } };
  await expect(operator.call('changeJob', change)).rejects.toMatchObject({
    code: 'JobNotChangeable',
  });
  expect(await verifyCustody(console.db.read)).toMatchObject({ brokenAt: undefined });
});
