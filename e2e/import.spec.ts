import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { JOB_TABS, jobAddress } from '../app/(console)/jobs/[jobId]/job-tabs.ts';
import { makeTree, snapshot } from '../lib/testing/trees.ts';
import { axeViolations } from './axe.ts';
import {
  act,
  createJob,
  expect,
  open,
  reaches,
  readText,
  showPart,
  takeCredentials,
  test,
} from './world.ts';

test('an import is created, shipped, copied and imported', async ({ signedIn: page, world }) => {
  const source = join(world.dir, 'source');
  mkdirSync(source);
  makeTree(source, { seed: 1, files: 60, bytesMax: 200_000 });
  const api = await world.api();
  const bucket = 'e2e-import';
  await api.call('makeBucket', { params: { storeId: 'embedded' }, body: { bucket } });

  const jobId = await createJob(page, world, { name: 'Archive 2026', type: 'Import', bucket });
  await reaches(page, 'Created');
  await act(page, 'Start preparing');
  const device = world.device('SB-0001');
  await reaches(page, 'Ready to ship');
  await act(page, 'Ship to site', { carrier: 'Carrier One' });
  await reaches(page, 'In transit to site');
  await act(page, 'Mark delivered to site');
  await reaches(page, 'At site');

  await expect(page.getByRole('heading', { name: 'Next: Copy the data' })).toBeVisible();
  // The device may not leave before its volume is sealed.
  await expect(page.getByRole('button', { name: 'Ship to facility' }).first()).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  const { manifest, codeFile } = await takeCredentials(page, world);
  const credentials = ['--manifest', manifest, '--unlock-code-file', codeFile];
  for (const said of ['Manifest downloaded', 'Unlock code revealed'])
    await expect(page.getByRole('row', { name: said })).toContainText('Ada');
  const copied = world.agent('copy', source, '--device', device, ...credentials, '--json');
  expect(copied.stderr).toBe('');
  expect(copied.status).toBe(0);
  await showPart(page, 'Report');
  await expect(page.getByRole('heading', { name: 'Sealed volume' })).toBeVisible();

  await act(page, 'Ship to facility', { carrier: 'Carrier One' });
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
  await expect.poll(() => existsSync(join(device, 'waybill'))).toBe(false);
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
      // The page settles at its new width.
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    }
  });
}
