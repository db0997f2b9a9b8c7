import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { consoleWorld, newJobBody } from '../../testing/console-world.ts';
import { devices } from '../db/schema/devices.ts';
import { jobs } from '../db/schema/jobs.ts';

test('manifest and unlock code are not released while the device is set aside', async () => {
  const world = await consoleWorld();
  const operator = await world.as('operator');
  const facility = await world.as('facility');
  const { id: jobId } = await operator.call('createJob', { body: newJobBody() });
  await world.console.db.transaction(async (tx) => {
    const deviceId = 'SB-1';
    const createdAt = new Date().toISOString();
    const device = { id: deviceId, owner: 'provider', capacityBytes: 80e12 } as const;
    await tx.insert(devices).values({ ...device, state: 'at-site', jobId, createdAt });
    await tx.update(jobs).set({ state: 'at-site', deviceId }).where(eq(jobs.id, jobId));
  });
  const params = { jobId };
  const isOffered = async () => (await operator.call('getJob', { params })).credentialsAvailable;
  expect(await isOffered()).toBe(true);
  // A copy that stopped needs them to go on.
  await operator.call('reportIncident', { params, body: { kind: 'copy-failed' } });
  expect(await isOffered()).toBe(true);
  await facility.call('reportIncident', { params, body: { kind: 'seal-differs' } });
  expect(await isOffered()).toBe(false);
  const refused = { code: 'PreconditionFailed' };
  await expect(operator.call('revealUnlockCode', { params })).rejects.toMatchObject(refused);
  await expect(operator.call('getManifest', { params })).rejects.toMatchObject(refused);
  await facility.call('resolveIncident', { params, body: {} });
  expect((await operator.call('revealUnlockCode', { params })).unlockCode).toMatch(/^\w{5}-/);
});
