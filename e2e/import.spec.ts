import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { JOB_TABS, jobAddress } from '../app/(console)/jobs/[jobId]/job-tabs.ts';
import { makeTree, snapshot } from '../lib/testing/trees.ts';
import { axeViolations } from './axe.ts';
import {
  act,
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

test('an operator and the facility carry an import from its order to its report', async ({
  browser,
  page,
  world,
}) => {
  const source = join(world.dir, 'source');
  mkdirSync(source);
  makeTree(source, { seed: 1, files: 60, bytesMax: 200_000 });
  const api = await world.api();
  const bucket = 'e2e-import';
  await api.call('makeBucket', { params: { storeId: 'embedded' }, body: { bucket } });
  const facility = await signInBoth(browser, page, world);

  const jobId = await createJob(page, world, { name: 'Archive 2026', type: 'Import', bucket });
  await reaches(page, 'Created');
  await open(facility, world, `/jobs/${jobId}`);
  await expect(page.getByRole('button', { name: 'Start preparing' })).toHaveCount(0);
  expect(await requestByHand(page, world, `/jobs/${jobId}/actions`, { action: 'prepare' })).toBe(
    403,
  );
  await act(facility, 'Start preparing');
  const inDock = world.device('SB-0001');
  await reaches(facility, 'Ready to ship');
  await act(facility, 'Ship to site', { carrier: 'Carrier One', seals: '0041' });
  const device = join(world.dir, 'SB-0001');
  renameSync(inDock, device);

  // The page of the operator has followed.
  await reaches(page, 'In transit to site');
  await expect(facility.getByRole('button', { name: 'Mark delivered to site' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Mark delivered to site' }).first().click();
  await expect(page.getByRole('dialog')).toContainText('Tamper seals: 0041');
  await page.getByRole('dialog').getByRole('button', { name: 'Mark delivered to site' }).click();
  await reaches(page, 'At site');
  await expect(
    page.getByRole('heading', {
      name: 'Next: Enter the tamper seal numbers found on arrival, then copy the data',
    }),
  ).toBeVisible();
  // The device may not leave before its volume is sealed.
  await expect(page.getByRole('button', { name: 'Ship to facility' }).first()).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await showPart(facility, 'Credentials');
  await expect(facility.getByText('are for operators and administrators')).toBeVisible();
  expect(await requestByHand(facility, world, `/jobs/${jobId}/unlock-code`, {})).toBe(403);
  const { manifest, codeFile } = await takeCredentials(page, world);
  const credentials = ['--manifest', manifest, '--unlock-code-file', codeFile];
  for (const said of ['Manifest downloaded', 'Unlock code revealed'])
    await expect(page.getByRole('row', { name: said })).toContainText(OPERATOR.name);
  await world.agent(
    'copy',
    source,
    '--device',
    device,
    '--device-is-a-directory',
    ...credentials,
    '--json',
  );
  await showPart(page, 'Report');
  await expect(page.getByRole('heading', { name: 'Sealed volume' })).toBeVisible();

  await act(page, 'Ship to facility', { carrier: 'Carrier One', seals: '0042' });
  await act(facility, 'Mark arrived at sorting');
  await expect(page.getByRole('button', { name: 'Receive at facility' })).toHaveCount(0);
  await act(facility, 'Receive at facility');
  // Once the device is connected, the station goes on by itself.
  renameSync(device, inDock);
  await reaches(facility, 'Completed');
  await facility.context().close();
  await reaches(page, 'Completed');
  await expect(page.getByRole('heading', { name: 'Completion report' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'The job is completed' })).toBeVisible();
  const log = page.getByRole('grid', { name: 'Objects' });
  const rows = log.getByRole('row');
  await expect(rows).toHaveCount(26);
  const key = await rows.nth(7).getByRole('rowheader').innerText();
  await page.getByLabel('Find objects').fill(key.toUpperCase());
  await expect(rows.filter({ hasText: key })).toHaveCount(1);
  await expect(rows).toHaveCount(2);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'success.csv' }).click();
  const report = join(world.dir, 'success.csv');
  await (await download).saveAs(report);
  expect(readText(report).trim().split('\r\n')).toHaveLength(61);

  const imported = snapshot(join(world.dataDir, 'store', bucket));
  for (const key of imported.keys()) if (key.startsWith('waybill-reports')) imported.delete(key);
  expect(imported).toEqual(snapshot(source));
  await expect.poll(() => existsSync(join(inDock, 'waybill'))).toBe(false);
  const { entries } = await api.call('jobCustody', { params: { jobId } });
  expect(entries.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['credentials.manifest', 'credentials.unlock-code', 'job.sealed']),
  );
  expect(await api.call('verifyCustody')).toMatchObject({ brokenAt: null });
});

for (const theme of ['light', 'dark']) {
  test(`every part of a job's page is accessible in ${theme} colours, and fits a phone`, async ({
    signedIn: page,
    world,
  }) => {
    test.slow();
    const { jobs } = await (await world.api()).call('listJobs', { query: { state: 'completed' } });
    const jobId = jobs[0]?.id ?? '';
    await page.context().addCookies([{ name: 'waybill-theme', value: theme, url: page.url() }]);
    for (const tab of JOB_TABS) {
      await page.setViewportSize({ width: 1366, height: 900 });
      await open(page, world, jobAddress(jobId, tab));
      await expect(page.getByRole('heading', { name: 'The job is completed' })).toBeVisible();
      await expect(page.getByText(/^Loading /)).toHaveCount(0);
      const told = await axeViolations(page);
      await page.setViewportSize({ width: 390, height: 844 });
      expect({ tab, told }).toEqual({ tab, told: [] });
      // The page settles at its new width, and its tab stays in sight.
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      await open(page, world, jobAddress(jobId, tab));
      await expect(page.getByRole('tab', { selected: true })).toBeInViewport({ ratio: 1 });
    }
  });
}
