import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { Address } from '../../domain/addresses.ts';
import { consoleWorld, newJobBody } from '../../testing/console-world.ts';
import { addAddress } from '../addresses/addresses.ts';
import { setFacilityAddress } from '../addresses/facility-address.ts';
import type { ServerContext } from '../context/server-context.ts';
import { jobs } from '../db/schema/jobs.ts';
import { getJob } from '../jobs/job.ts';
import { act } from '../lifecycle/transitions.ts';
import { paperFacts } from './shipping-papers.ts';

const setJob = (console: ServerContext, id: string, change: Partial<typeof jobs.$inferInsert>) =>
  console.db.transaction(async (tx) => {
    await tx.update(jobs).set(change).where(eq(jobs.id, id));
  });

async function jobWithDevice() {
  const world = await consoleWorld();
  const operator = await world.as('operator');
  const facility = await world.as('facility');
  const { id } = await operator.call('createJob', { body: newJobBody({ name: 'Архив 2026' }) });
  const params = { jobId: id };
  await expect(
    facility.call('getLabel', { params, query: { leg: 'to-site' } }),
  ).rejects.toMatchObject({
    code: 'PreconditionFailed',
  });
  await facility.call('addDevice', { body: { id: 'SB-7', capacityBytes: 80e12 } });
  await setJob(world.console, id, { deviceId: 'SB-7' });
  return { ...world, operator, facility, params };
}

test('the return label of an import is released once its volume is sealed', async () => {
  const { console, operator, facility, params } = await jobWithDevice();
  for (const route of ['getLabel', 'getPackingSlip'] as const) {
    await expect(operator.call(route, { params })).rejects.toMatchObject({
      code: 'LabelNotReleased',
    });
    const query = { leg: 'to-site' } as const;
    expect((await facility.call(route, { params, query })).status).toBe(200);
  }
  await setJob(console, params.jobId, { sealed: true });
  const label = await operator.call('getLabel', { params });
  expect(label.headers.get('content-type')).toBe('application/pdf');
  const pdf = Buffer.from(await label.arrayBuffer()).toString('latin1');
  expect(pdf).toMatch(/^%PDF-1\./);
  expect(pdf).toContain('/MediaBox [0 0 288 432]');
  // The fonts are in the file: it prints alike everywhere.
  expect(pdf.match(/\/FontFile2 /g)?.length).toBeGreaterThan(1);
  const slip = Buffer.from(
    await (await operator.call('getPackingSlip', { params })).arrayBuffer(),
  ).toString('latin1');
  expect(slip).toContain('/MediaBox [0 0 595.28 841.89]');
  expect(slip.match(/\/Type \/Page\b/g)).toHaveLength(1);
});

const admin = { id: 'person:a', role: 'admin', channel: 'token' } as const;
const address = (name: string): Address => ({
  name,
  company: '',
  street1: 'Street 1',
  street2: '',
  street3: '',
  landmark: '',
  city: 'Berlin',
  prefectureOrDistrict: '',
  stateOrProvince: '',
  postalCode: '10115',
  country: 'DE',
  phoneNumber: '+49 30 1234567',
  isRestricted: false,
  type: 'delivery',
});

test('a label says what the shipment of its leg said, or the service that was asked for', async () => {
  const { as, console, params, facility: staff } = await jobWithDevice();
  const { jobId } = params;
  await setJob(console, jobId, { state: 'ready-to-ship', devicePrepared: true });
  const shipment = {
    carrier: 'UPS',
    service: 'Express',
    trackingNumber: '1Z9',
    sealNumbers: ['17', '18'],
  };
  const facility = { id: 'person:x', role: 'facility', channel: 'token' } as const;
  await act(console.db, facility, { jobId, action: 'ship-to-site', shipment }, new Date());
  const job = await getJob(console.db.read, jobId);
  expect(await paperFacts(console.db.read, job, 'to-site')).toMatchObject({
    jobName: 'Архив 2026',
    deviceId: 'SB-7',
    ...shipment,
    code: `WAYBILL:${jobId}:SB-7`,
  });
  const site = await addAddress(console.db, admin, address('Grace Site'), new Date());
  await setFacilityAddress(console.db, admin, address('Facility West'), new Date());
  const addressed = { ...job, addressId: site.id };
  const [toSite, toFacility] = [
    await paperFacts(console.db.read, addressed, 'to-site'),
    await paperFacts(console.db.read, { ...addressed, sealed: true }, 'to-facility'),
  ];
  expect(toFacility.to).toContain('Facility West');
  expect(toFacility.from).toEqual(toSite.to);
  const asked = { ...newJobBody({}), shippingService: 'next-day' } as const;
  const fast = await (await as('operator')).call('createJob', { body: asked });
  await staff.call('addDevice', { body: { id: 'SB-8', capacityBytes: 80e12 } });
  const ready = { state: 'ready-to-ship', devicePrepared: true, deviceId: 'SB-8' } as const;
  await setJob(console, fast.id, ready);
  const unnamed = { jobId: fast.id, action: 'ship-to-site', shipment: { carrier: 'UPS' } } as const;
  await act(console.db, facility, unnamed, new Date());
  const sent = await getJob(console.db.read, fast.id);
  expect(await paperFacts(console.db.read, sent, 'to-site')).toMatchObject({ service: 'Next day' });
  // The way back has neither carrier nor tamper seals yet.
  const back = await paperFacts(console.db.read, { ...job, sealed: true }, 'to-facility');
  expect(back).toMatchObject({ carrier: '', trackingNumber: '', sealNumbers: [] });
});

test('a viewer prints nothing', async () => {
  const { as, params } = await jobWithDevice();
  await expect((await as('viewer')).call('getLabel', { params })).rejects.toMatchObject({
    code: 'Forbidden',
  });
});
