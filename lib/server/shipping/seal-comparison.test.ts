import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { Client } from '../../api/client.ts';
import { compareSeals, sealsAgree, uncomparedSealsOf } from '../../domain/tamper-seals.ts';
import { type ConsoleWorld, consoleWorld, newJobBody } from '../../testing/console-world.ts';
import { sealOf } from '../../testing/evidence.ts';
import { jobs } from '../db/schema/jobs.ts';

/** A device on its way to the site, with tamper seals on its case. */
async function underWay(world: ConsoleWorld, deviceId: string, sealNumbers: string[]) {
  const admin = await world.as('admin');
  const { id: jobId } = await admin.call('createJob', { body: newJobBody({ name: deviceId }) });
  const params = { jobId };
  await admin.call('addDevice', { body: { id: deviceId, capacityBytes: 80e12 } });
  await admin.call('actOnJob', { params, body: { action: 'prepare' } });
  await admin.call('putDevice', { params, body: { deviceId } });
  await (await world.as('station')).call('devicePrepared', { params });
  await admin.call('actOnJob', { params, body: { action: 'mark-ready' } });
  const shipment = { carrier: 'C', sealNumbers };
  await admin.call('actOnJob', { params, body: { action: 'ship-to-site', shipment } });
  return { admin, params };
}

const arrive = (client: Client, jobId: string, sealNumbers?: string[]) =>
  client.call('actOnJob', {
    params: { jobId },
    body: { action: 'deliver', ...(sealNumbers && { sealNumbers }) },
  });

const logged = async (client: Client, jobId: string) =>
  (await client.call('jobCustody', { params: { jobId } })).entries
    .filter(({ kind }) => kind === 'shipment.seals')
    .map(({ detail }) => detail);

test.each([
  { arrived: ['17', '18'], missing: [], extra: [] },
  { arrived: [' 18', '17'], missing: [], extra: [] },
  { arrived: ['17'], missing: ['18'], extra: [] },
  { arrived: [], missing: ['17', '18'], extra: [] },
  { arrived: ['17', '18', '19'], missing: [], extra: ['19'] },
  { arrived: ['17', '018'], missing: ['18'], extra: ['018'] },
])('17 and 18 at departure, $arrived on arrival: missing $missing, new $extra', async (row) => {
  const world = await consoleWorld();
  const { admin, params } = await underWay(world, 'SB-1', ['17', '18']);
  const { arrived, missing, extra } = row;
  const job = await arrive(admin, params.jobId, arrived);
  const same = missing.length + extra.length === 0;
  expect(job.state).toBe('at-site');
  expect(await logged(admin, params.jobId)).toMatchObject([
    { same, leg: 'to-site', departed: ['17', '18'], missing, extra },
  ]);
  const open = job.incidents.filter(({ resolvedAt }) => resolvedAt === null);
  expect(open.map(({ kind }) => kind)).toEqual(same ? [] : ['seal-differs']);
  if (!same) expect(open[0]?.note).toContain('left with 17, 18');
  expect(job.device?.state).toBe(same ? 'at-site' : 'quarantined');
});

test('without numbers nothing is compared, and it can be made up for later', async () => {
  const world = await consoleWorld();
  const { admin, params } = await underWay(world, 'SB-1', ['AB 17']);
  const early = admin.call('enterSeals', { params, body: { sealNumbers: ['x'] } });
  await expect(early).rejects.toMatchObject({ code: 'PreconditionFailed' });
  const job = await arrive(admin, params.jobId);
  expect(job.shipments).toMatchObject([{ arrivalSeals: null }]);
  expect(await logged(admin, params.jobId)).toEqual([]);
  const later = await admin.call('enterSeals', { params, body: { sealNumbers: ['ab17'] } });
  expect(later.shipments).toMatchObject([{ arrivalSeals: ['ab17'] }]);
  expect(later.attention).toBe(false);
  const wrong = await admin.call('enterSeals', { params, body: { sealNumbers: ['AB18'] } });
  expect(wrong).toMatchObject({ attention: true, incident: 'seal-differs' });
  const viewer = await world.as('viewer');
  await expect(
    viewer.call('enterSeals', { params, body: { sealNumbers: [] } }),
  ).rejects.toMatchObject({ code: 'Forbidden' });
});

test('of many arrivals each has its own seals, and the answer says which differ', async () => {
  const world = await consoleWorld();
  const one = (await underWay(world, 'SB-1', ['1'])).params.jobId;
  const two = (await underWay(world, 'SB-2', ['2'])).params.jobId;
  const { admin, params } = await underWay(world, 'SB-3', ['3']);
  const three = params.jobId;
  const { results } = await admin.call('actOnJobs', {
    body: {
      action: 'deliver',
      jobIds: [one, two, three],
      sealNumbersOf: { [one]: ['1'], [two]: ['9'] },
    },
  });
  expect(results).toMatchObject([
    { jobId: one, state: 'at-site', sealsDiffer: false },
    { jobId: two, state: 'at-site', sealsDiffer: true },
    { jobId: three, state: 'at-site' },
  ]);
  expect(results[2]).not.toHaveProperty('sealsDiffer');
  expect((await admin.call('getJob', { params: { jobId: two } })).incident).toBe('seal-differs');
  expect((await admin.call('getJob', { params: { jobId: one } })).incident).toBeNull();
});

test('an action that is no arrival takes no arrival seals', async () => {
  const world = await consoleWorld();
  const admin = await world.as('admin');
  const { id: jobId } = await admin.call('createJob', { body: newJobBody() });
  const body = { action: 'prepare' as const, sealNumbers: ['1'] };
  await expect(admin.call('actOnJob', { params: { jobId }, body })).rejects.toMatchObject({
    code: 'BadRequest',
  });
  expect((await admin.call('getJob', { params: { jobId } })).state).toBe('created');
});

test('case and blanks are the typist’s; leading zeros are the number’s', () => {
  expect(sealsAgree(compareSeals(['ab 0017'], ['AB0017']))).toBe(true);
  expect(sealsAgree(compareSeals(['0017'], ['17']))).toBe(false);
});

const leg = (sealNumbers: string[], arrivedAt: string | null, arrivalSeals: string[] | null) => ({
  sealNumbers,
  arrivedAt,
  arrivalSeals,
});

test.each([
  { what: 'no way yet', legs: [], open: [] },
  { what: 'on its way', legs: [leg(['1'], null, null)], open: [] },
  { what: 'arrived', legs: [leg(['1'], 'then', null)], open: ['1'] },
  { what: 'compared', legs: [leg(['1'], 'then', ['1'])], open: [] },
  { what: 'compared with none', legs: [leg(['1'], 'then', [])], open: [] },
  { what: 'left without', legs: [leg([], 'then', null)], open: [] },
  { what: 'left again', legs: [leg(['1'], 'then', null), leg(['2'], null, null)], open: [] },
  { what: 'back', legs: [leg(['1'], 'then', null), leg(['2'], 'now', null)], open: ['2'] },
])('of a device that is $what the seals $open are to be compared', ({ legs, open }) => {
  expect(uncomparedSealsOf(legs)).toEqual(open);
});

/** The device of an import back at the facility, with tamper seals that nobody compared. */
async function atFacility(world: ConsoleWorld) {
  const { admin, params } = await underWay(world, 'SB-1', ['1']);
  await arrive(admin, params.jobId, ['1']);
  await world.console.db.transaction(async (tx) => {
    const sealed = { sealed: true, seal: sealOf(), copyPhase: 'sealed' as const };
    await tx.update(jobs).set(sealed).where(eq(jobs.id, params.jobId));
  });
  const shipment = { carrier: 'C', sealNumbers: ['17'] };
  await admin.call('actOnJob', { params, body: { action: 'ship-to-facility', shipment } });
  await admin.call('actOnJob', { params, body: { action: 'arrive-at-sorting' } });
  await admin.call('actOnJob', { params, body: { action: 'receive' } });
  return { admin, params };
}

test('an import begins without a comparison only where somebody says so, which the custody log keeps', async () => {
  const world = await consoleWorld();
  const { admin, params } = await atFacility(world);
  const start = { action: 'start-import' as const };
  await expect(admin.call('actOnJob', { params, body: start })).rejects.toMatchObject({
    code: 'PreconditionFailed',
    message: expect.stringContaining('17'),
  });
  const body = { ...start, withoutSealComparison: true };
  expect(await admin.call('actOnJob', { params, body })).toMatchObject({ state: 'importing' });
  const { entries } = await admin.call('jobCustody', { params });
  expect(entries.at(-1)?.detail).toMatchObject({ to: 'importing', sealsNotCompared: ['17'] });
});

test('where the installation requires it nobody begins without, until they are compared', async () => {
  const world = await consoleWorld();
  const { admin, params } = await atFacility(world);
  const viewer = await world.as('viewer');
  const required = { body: { required: true } };
  await expect(viewer.call('changeSealSettings', required)).rejects.toMatchObject({
    code: 'Forbidden',
  });
  await admin.call('changeSealSettings', required);
  expect(await viewer.call('sealSettings')).toEqual({ required: true });
  const body = { action: 'start-import' as const, withoutSealComparison: true };
  await expect(admin.call('actOnJob', { params, body })).rejects.toMatchObject({
    code: 'PreconditionFailed',
  });
  await admin.call('enterSeals', { params, body: { sealNumbers: ['17'] } });
  const begun = await admin.call('actOnJob', { params, body: { action: 'start-import' } });
  expect(begun.state).toBe('importing');
});
