import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { OVERWRITE_WORDS } from '../lib/domain/overwriting.ts';
import { TB } from '../lib/domain/sizes.ts';
import { ADMIN, createJob, expect, open, reaches, stepTo, test } from './world.ts';

test('a draft outlives the page, and a job is made from another', async ({
  signedIn: page,
  world,
}) => {
  await open(page, world, '/jobs/new');
  await page.getByRole('radio', { name: 'Export', exact: true }).check();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Bucket', { exact: true }).fill('kept-bucket');
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Export', exact: true })).toBeChecked();
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page.getByLabel('Bucket', { exact: true })).toHaveValue('kept-bucket');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Data', { exact: true }).fill('60 TB');
  await expect(page.getByText(/By network 6\.9 days/)).toBeVisible();
  await expect(page.getByRole('radio', { name: '80 TB' })).toBeChecked();
  await page.getByRole('button', { name: 'Cancel' }).click();

  const id = await createJob(page, world, { name: 'first', type: 'Import', bucket: 'default' });
  await open(page, world, `/jobs/new?from=${id}`);
  await stepTo(page, 'Name and review');
  await expect(page.getByLabel('Name of the job')).toHaveValue('first-clone');
  await page.getByRole('button', { name: 'Edit Store' }).click();
  await expect(page.getByLabel('Bucket', { exact: true })).toHaveValue('default');
});

const TABS_MAX = 80;

/** Goes on with the Tab key until a control has the focus. */
async function tabTo(page: Page, control: Locator): Promise<void> {
  await control.waitFor();
  for (let i = 0; i < TABS_MAX; i += 1) {
    if (await control.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${control} is not reached by the keyboard`);
}

test('a job is made and cancelled with the keyboard alone', async ({ page, world }) => {
  const { keyboard } = page;
  await open(page, world, '/sign-in');
  await keyboard.type(ADMIN.email);
  await keyboard.press('Tab');
  await keyboard.type(ADMIN.password);
  await keyboard.press('Enter');
  await tabTo(page, page.getByRole('link', { name: 'Create job' }).first());
  await keyboard.press('Enter');
  await tabTo(page, page.getByRole('radio', { name: 'Import', exact: true }));
  await keyboard.press('ArrowDown');
  await expect(page.getByRole('radio', { name: 'Export', exact: true })).toBeChecked();
  for (let step = 0; step < 4; step += 1) {
    await tabTo(page, page.getByRole('button', { name: 'Next' }));
    await keyboard.press('Enter');
  }
  await tabTo(page, page.getByLabel('Name of the job'));
  await keyboard.type('By keyboard');
  await tabTo(page, page.getByRole('button', { name: 'Create job' }));
  await keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'By keyboard' })).toBeVisible();
  await tabTo(page, page.getByRole('button', { name: 'Actions' }));
  await keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Start preparing' })).toBeFocused();
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }));
  await keyboard.press('Enter');
  await reaches(page, 'Cancelled');
});

test('what is there already, the trial of the bucket and where reports go are chosen and told', async ({
  signedIn: page,
  world,
}) => {
  const api = await world.api();
  await open(page, world, '/jobs/new');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Bucket', { exact: true }).fill('not-made-yet');
  await expect(page.getByText('not-made-yet/waybill-reports/')).toBeVisible();
  await page.getByRole('button', { name: 'Test the bucket' }).click();
  await expect(page.getByText('Bucket not-made-yet does not exist.')).toBeVisible();
  await page.getByRole('radio', { name: OVERWRITE_WORDS['if-different'] }).check();
  await stepTo(page, 'Name and review');
  await page.getByLabel('Name of the job').fill('Tried first');
  await expect(page.getByText(OVERWRITE_WORDS['if-different'])).toBeVisible();
  await page.getByRole('button', { name: 'Create job' }).click();
  await expect(page.getByText(/not-made-yet does not exist/).first()).toBeVisible();
  expect(page.url()).toContain('/jobs/new');

  await page.getByRole('button', { name: 'Edit Store' }).click();
  await page.getByRole('checkbox', { name: /Do not try the bucket/ }).check();
  await stepTo(page, 'Name and review');
  await expect(page.getByText('by the station, later')).toBeVisible();
  await page.getByRole('button', { name: 'Create job' }).click();
  await page.waitForURL(/\/jobs\/JID/);
  const jobId = page.url().split('/').at(-1) ?? '';
  const job = await api.call('getJob', { params: { jobId } });
  expect(job).toMatchObject({ bucket: 'not-made-yet', overwritePolicy: 'if-different' });
});

test('an export that is more than one device holds becomes a job of each part with one button', async ({
  signedIn: page,
  world,
}) => {
  const api = await world.api();
  const bucket = 'e2e-large';
  await api.call('makeBucket', { params: { storeId: 'embedded' }, body: { bucket } });
  const folder = join(world.dataDir, 'store', bucket);
  mkdirSync(folder, { recursive: true });
  // Holes: their sizes are listed, and nothing of them is ever read.
  for (const key of ['a', 'b', 'c', 'd']) {
    writeFileSync(join(folder, key), '');
    truncateSync(join(folder, key), 15 * TB);
  }
  const { id: jobId } = await api.call('createJob', {
    body: {
      name: 'Too large',
      option: 'snowball',
      type: 'export',
      sizeBytes: 50 * TB,
      storeId: 'embedded',
      bucket,
    },
  });
  await open(page, world, `/jobs/${jobId}`);
  await expect(page.getByText('More than one device of 50 TB: 2 parts')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Start preparing' }).first()).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await page.getByRole('button', { name: 'Make a job of each part' }).click();
  await expect(page.getByText('The export is divided: 2 jobs.')).toBeVisible();
  await expect(page.getByText('More than one device of 50 TB')).toHaveCount(0);
  const { jobs } = await api.call('listJobs', { query: { limit: 100 } });
  const parts = jobs.filter((one) => one.bucket === bucket);
  expect(parts.map(({ sizeBytes }) => sizeBytes)).toEqual([50 * TB, 50 * TB]);
});
