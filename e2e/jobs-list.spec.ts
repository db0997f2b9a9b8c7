import { readFileSync } from 'node:fs';
import { TB } from '../lib/domain/sizes.ts';
import { axeViolations } from './axe.ts';
import { expect, open, signIn, test, VIEWER } from './world.ts';

test('a list of jobs is filtered, sorted, kept in its address, acted on and exported', async ({
  signedIn: page,
  world,
}) => {
  const api = await world.api();
  const body = { option: 'snowball', type: 'import', sizeBytes: 50 * TB } as const;
  const place = { storeId: 'embedded', bucket: 'default' };
  for (const name of ['alpha', 'beta', '=gamma'])
    await api.call('createJob', { body: { ...body, ...place, name } });
  const disk = { ...body, ...place, option: 'disk', name: 'own disk', sizeBytes: TB } as const;
  await api.call('createJob', { body: disk });
  await open(page, world, '/jobs');
  const table = page.getByRole('grid', { name: 'Jobs' });
  await expect(table.getByText('Managed outside the console')).toBeVisible();

  // A condition by typing; it lands in the address and outlives a reload.
  await page.getByLabel('Find jobs').fill('alpha');
  await page.getByLabel('Find jobs').press('Enter');
  await page.waitForURL(/filter=text/);
  await expect(table.getByRole('link', { name: 'beta' })).toHaveCount(0);
  await page.reload();
  await expect(table.getByRole('link', { name: 'alpha' })).toBeVisible();
  await expect(table.getByRole('link', { name: 'beta' })).toHaveCount(0);

  await open(page, world, '/jobs?filter=option+%3D+snowball');
  await page.getByRole('button', { name: /^Job/ }).first().click();
  await page.waitForURL(/sort=name/);
  expect(await axeViolations(page)).toEqual([]);

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export CSV' }).click();
  const csv = readFileSync(await (await download).path(), 'utf8');
  expect(csv).toContain(",'=gamma,");
  expect(csv).not.toContain('own disk');

  // A job created meanwhile appears without a reload.
  await api.call('createJob', { body: { ...body, ...place, name: 'delta' } });
  await expect(table.getByRole('link', { name: 'delta' })).toBeVisible();

  for (const name of ['alpha', 'beta'])
    await table.getByRole('checkbox', { name: `Choose ${name}` }).check();
  await page.getByRole('button', { name: 'Actions' }).click();
  await page.getByRole('menuitem', { name: 'Cancel job' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('2 jobs become “Cancelled”');
  await dialog.getByRole('button', { name: 'Cancel job' }).click();
  await expect(page.getByText('done for 2 jobs')).toBeVisible();
  for (const name of ['alpha', 'beta']) {
    const row = table.getByRole('row').filter({ has: page.getByRole('link', { name }) });
    await expect(row.getByText('Cancelled', { exact: true })).toBeVisible();
  }
});

test('a viewer is offered nothing, and the commands of a disk job', async ({ page, world }) => {
  await signIn(page, world, VIEWER);
  await open(page, world, '/jobs?filter=option+%3D+disk');
  await expect(page.getByRole('link', { name: 'Create job' })).toHaveCount(0);
  await page.getByRole('checkbox', { name: 'Choose own disk' }).check();
  await page.getByRole('button', { name: 'Actions' }).click();
  await page.getByRole('menuitem', { name: 'Show commands' }).click();
  await expect(page.getByRole('dialog')).toContainText('waybill job cancel JID');
});
