import type { Locator, Page } from '@playwright/test';
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
