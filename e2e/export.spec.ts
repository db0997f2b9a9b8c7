import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { makeTree, snapshot } from '../lib/testing/trees.ts';
import { axeViolations } from './axe.ts';
import {
  act,
  confirm,
  createJob,
  expect,
  OPERATOR,
  open,
  reaches,
  readText,
  requestByHand,
  showPart,
  signInBoth,
  takeCredentials,
  test,
} from './world.ts';

test('an operator and the facility carry an export from its order to the erased device', async ({
  browser,
  page,
  world,
}) => {
  const bucket = 'e2e-export';
  const api = await world.api();
  await api.call('makeBucket', { params: { storeId: 'embedded' }, body: { bucket } });
  const bucketDir = join(world.dataDir, 'store', bucket);
  makeTree(bucketDir, { seed: 2, files: 40, bytesMax: 100_000 });
  const facility = await signInBoth(browser, page, world);

  const jobId = await createJob(page, world, { name: 'Back to the site', type: 'Export', bucket });
  await reaches(page, 'Created');
  await open(facility, world, `/jobs/${jobId}`);
  await expect(page.getByRole('button', { name: 'Start preparing' })).toHaveCount(0);
  await act(facility, 'Start preparing');
  await expect(facility.getByRole('heading', { name: 'Next: Connect a device' })).toBeVisible();
  const inDock = world.device('SB-0002');
  // The station labels, fills and seals the device by itself; both pages follow.
  await reaches(facility, 'Ready to ship');
  await reaches(page, 'Ready to ship');
  await showPart(facility, 'Report');
  await expect(facility.getByRole('heading', { name: 'Completion report' })).toBeVisible();
  await expect(facility.getByRole('heading', { name: 'Sealed volume' })).toBeVisible();
  expect(await axeViolations(facility)).toEqual([]);
  await showPart(facility, 'Progress');
  await expect(facility.getByRole('heading', { name: 'Export at the facility' })).toBeVisible();
  expect(await axeViolations(facility)).toEqual([]);

  await expect(page.getByRole('button', { name: 'Ship to site' })).toHaveCount(0);
  const ship = { action: 'ship-to-site', shipment: { carrier: 'Carrier One' } };
  expect(await requestByHand(page, world, `/jobs/${jobId}/actions`, ship)).toBe(403);
  await act(facility, 'Ship to site', { carrier: 'Carrier One', seals: '0051' });
  const device = join(world.dir, 'SB-0002');
  renameSync(inDock, device);
  await reaches(page, 'In transit to site');
  await page.getByRole('button', { name: 'Mark delivered to site' }).first().click();
  await expect(page.getByRole('dialog')).toContainText('Tamper seals: 0051');
  await page.getByRole('dialog').getByRole('button', { name: 'Mark delivered to site' }).click();
  await reaches(page, 'At site');
  await expect(
    page.getByRole('heading', {
      name: 'Next: Enter the tamper seal numbers found on arrival, then restore the data',
    }),
  ).toBeVisible();
  await page.getByRole('button', { name: 'Compare tamper seals' }).click();
  await page.getByRole('dialog').getByLabel('Tamper seals on arrival').fill('0051');
  await confirm(page, 'Compare');
  await expect(page.getByRole('heading', { name: 'Next: Restore the data' })).toBeVisible();
  await expect(page.getByText(/waybill restore DESTINATION /).first()).toBeVisible();

  await showPart(facility, 'Credentials');
  await expect(facility.getByText('are for operators and administrators')).toBeVisible();
  expect(await requestByHand(facility, world, `/jobs/${jobId}/unlock-code`, {})).toBe(403);
  const { manifest, codeFile } = await takeCredentials(page, world);
  for (const said of ['Manifest downloaded', 'Unlock code revealed'])
    await expect(page.getByRole('row', { name: said })).toContainText(OPERATOR.name);
  expect(await axeViolations(page)).toEqual([]);
  const restored = join(world.dir, 'restored');
  const credentials = ['--manifest', manifest, '--unlock-code-file', codeFile];
  await world.agent('restore', restored, '--device', device, ...credentials, '--json');
  expect(snapshot(restored)).toEqual(snapshot(bucketDir));
  await showPart(page, 'Progress');
  await expect(page.getByRole('row', { name: /^Write the objects out.*Done/ })).toBeVisible();

  await act(page, 'Ship to facility', { carrier: 'Carrier One', seals: '0052' });
  // What was taken to the site is of no use any more.
  await showPart(page, 'Credentials');
  await expect(page.getByRole('link', { name: 'Download manifest' })).toHaveCount(0);
  expect(await requestByHand(page, world, `/jobs/${jobId}/unlock-code`, {})).toBe(409);
  await act(facility, 'Mark arrived at sorting');
  await expect(page.getByRole('button', { name: 'Receive at facility' })).toHaveCount(0);
  await act(facility, 'Receive at facility');
  await expect(facility.getByRole('heading', { name: 'Next: Erase the device' })).toBeVisible();
  // Once the device is connected, the station erases it.
  renameSync(device, inDock);
  await reaches(facility, 'Completed');
  await facility.context().close();
  await reaches(page, 'Completed');
  expect(existsSync(join(inDock, 'waybill'))).toBe(false);

  await showPart(page, 'Report');
  const objects = page.getByRole('grid', { name: 'Objects' }).getByRole('row');
  await expect(objects).toHaveCount(26);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'success.csv' }).click();
  const report = join(world.dir, 'export-success.csv');
  await (await download).saveAs(report);
  expect(readText(report).trim().split('\r\n')).toHaveLength(41);
  expect(await axeViolations(page)).toEqual([]);
  const { entries } = await api.call('jobCustody', { params: { jobId } });
  expect(entries.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['credentials.manifest', 'credentials.unlock-code', 'device.erased']),
  );
  expect(await api.call('verifyCustody')).toMatchObject({ brokenAt: null });
});
