import { createJob, expect, open, test } from './world.ts';

test('a draft outlives the page, and a job is made from another', async ({
  signedIn: page,
  world,
}) => {
  await open(page, world, '/jobs/new');
  await page.getByRole('radio', { name: 'Export', exact: true }).check();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Bucket').fill('kept-bucket');
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Export', exact: true })).toBeChecked();
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page.getByLabel('Bucket')).toHaveValue('kept-bucket');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Data', { exact: true }).fill('60 TB');
  await expect(page.getByText(/By network 6\.9 days/)).toBeVisible();
  await expect(page.getByRole('radio', { name: '80 TB' })).toBeChecked();
  await page.getByRole('button', { name: 'Cancel' }).click();

  const id = await createJob(page, world, { name: 'first', type: 'Import', bucket: 'default' });
  await open(page, world, `/jobs/new?from=${id}`);
  for (let step = 0; step < 4; step += 1) await page.getByRole('button', { name: 'Next' }).click();
  await expect(page.getByLabel('Name of the job')).toHaveValue('first-clone');
  await page.getByRole('button', { name: 'Edit Store' }).click();
  await expect(page.getByLabel('Bucket')).toHaveValue('default');
});
