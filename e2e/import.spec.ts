import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeTree, snapshot } from '../lib/testing/trees.ts';
import {
  act,
  createJob,
  expect,
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

  // The device may not leave before its volume is sealed.
  await expect(page.getByRole('button', { name: 'Ship to facility' }).first()).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  const { manifest, codeFile } = await takeCredentials(page, world);
  const credentials = ['--manifest', manifest, '--unlock-code-file', codeFile];
  const copied = world.agent('copy', source, '--device', device, ...credentials, '--json');
  expect(copied.stderr).toBe('');
  expect(copied.status).toBe(0);
  await showPart(page, 'Report');
  await expect(page.getByRole('heading', { name: 'Sealed volume' })).toBeVisible();

  await act(page, 'Ship to facility', { carrier: 'Carrier One' });
  await reaches(page, 'Completed');
  await expect(page.getByRole('heading', { name: 'Completion report' })).toBeVisible();
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
