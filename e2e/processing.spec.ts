import { expect, open, showPart, stepTo, test } from './world.ts';

test('steps are chosen, ordered, tried on a file and ordered with the job', async ({
  signedIn: page,
  world,
}) => {
  await open(page, world, '/jobs/new');
  await page.getByRole('radio', { name: 'Snowball Edge' }).check();
  await stepTo(page, 'Processing');
  const add = async (name: RegExp) => {
    await page.getByRole('button', { name: 'Add a step' }).click();
    await page.getByRole('menuitem', { name }).click();
  };
  await add(/^Compress with Zstandard/);
  await add(/^Redact text/);
  await expect(page.getByText('patterns is missing')).toBeVisible();
  await page.getByRole('button', { name: 'Move 2. Redact text up' }).click();
  await page.getByRole('button', { name: 'Add a pattern' }).click();
  await page.getByRole('textbox', { name: 'Patterns Pattern' }).fill('[a-z]+@example\\.org');
  await page.getByRole('textbox', { name: 'Patterns Replacement' }).fill('[mail]');
  await page.getByRole('button', { name: 'Remove 2. Compress with Zstandard' }).click();
  await page.locator('input[type=file]').setInputFiles({
    name: 'visits.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('ada@example.org came\n'),
  });
  await page.getByRole('button', { name: 'Try the steps' }).click();
  await expect(page.getByText('[mail] came')).toBeVisible();
  await expect(page.getByText('visits.redacted.txt, 12 B')).toBeVisible();
  await stepTo(page, 'Name and review');
  await expect(page.getByText('Redact text', { exact: true })).toBeVisible();
  await page.getByLabel('Name of the job').fill('redacted');
  await page.getByRole('button', { name: 'Create job' }).click();
  await expect(page.getByRole('heading', { name: 'redacted', exact: true })).toBeVisible();
  await showPart(page, 'Progress');
  const row = page.getByRole('row').filter({ hasText: 'Load the volume' });
  await expect(row).toContainText('the job to be at site');
});
