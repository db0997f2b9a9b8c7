import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { consoleWorld, newJobBody } from '../../testing/console-world.ts';
import { jobs } from '../db/schema/jobs.ts';

test('a job tells who did what, by name, and where its device was seen', async () => {
  const { console, as } = await consoleWorld();
  const operator = await as('operator');
  const facility = await as('facility');
  const { id: jobId } = await operator.call('createJob', { body: newJobBody() });
  await facility.call('addDevice', { body: { id: 'SB-8', capacityBytes: 80e12 } });
  await console.db.transaction(async (tx) => {
    const ready = { deviceId: 'SB-8', state: 'ready-to-ship', devicePrepared: true } as const;
    await tx.update(jobs).set(ready).where(eq(jobs.id, jobId));
  });
  const params = { jobId };
  const shipment = { carrier: 'UPS', sealNumbers: ['17'] };
  await facility.call('actOnJob', { params, body: { action: 'ship-to-site', shipment } });
  await operator.call('addScan', { params, body: { place: 'Rotterdam hub', note: 'scanned' } });
  await operator.call('actOnJob', { params, body: { action: 'deliver', note: 'seals match' } });
  await operator.call('revealUnlockCode', { params });
  await operator.call('reportIncident', { params, body: { kind: 'other', note: 'dented' } });
  await facility.call('resolveIncident', { params, body: { note: 'only the case' } });
  await operator.call('reportIncident', { params, body: { kind: 'damaged', note: '' } });
  const job = await (await as('viewer')).call('getJob', { params });
  expect(job.createdByName).toBe('operator');
  expect(job.steps.map(({ state, by, note }) => [state, by, note])).toEqual([
    ['created', 'operator', ''],
    ['in-transit-to-site', 'facility', ''],
    ['at-site', 'operator', 'seals match'],
  ]);
  expect(job.shipments).toMatchObject([
    { handedOverByName: 'facility', scans: [{ by: 'operator', place: 'Rotterdam hub' }] },
  ]);
  expect(job.reveals).toMatchObject([{ what: 'unlock-code', by: 'operator', channel: 'token' }]);
  expect(job.incidents).toMatchObject([
    { reportedByName: 'operator', resolution: { by: 'facility', note: 'only the case' } },
    { reportedByName: 'operator', resolution: null },
  ]);
  expect(job.offers.find(({ action }) => action === 'close')).toMatchObject({ forbidden: true });
});
