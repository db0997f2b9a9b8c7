import { axeViolations } from './axe.ts';
import { expect, open, signIn, stepTo, test, VIEWER } from './world.ts';

const CODE = 'export const handler = async () => ({ counted: true });\n';

test('a function is kept by upload, taken by a job, replaced and removed', async ({
  signedIn: page,
  world,
}) => {
  await open(page, world, '/functions');
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Keep function' }).first().click();
  const upload = (name: string, content: string | Buffer) =>
    dialog.locator('input[type=file]').setInputFiles({
      name,
      mimeType: 'text/javascript',
      buffer: Buffer.from(content),
    });
  await upload('picture.mjs', Buffer.from([0xff, 0xd8, 0, 1]));
  await expect(dialog.getByText('The file is no text.')).toBeVisible();
  const keep = dialog.getByRole('button', { name: 'Keep', exact: true });
  await expect(keep).toBeDisabled();
  await dialog.getByRole('button', { name: /Remove the file/ }).click();
  await upload('count-lines.mjs', CODE);
  await expect(dialog.getByLabel('Name', { exact: true })).toHaveValue('picture');
  await dialog.getByLabel('Name', { exact: true }).fill('gzip');
  await expect(dialog.getByText(/gzip is a step that is built in/)).toBeVisible();
  await dialog.getByLabel('Name', { exact: true }).fill('count-lines');
  await dialog.getByRole('button', { name: /^Handler, limits/ }).click();
  await dialog.getByLabel('Memory MB').fill('512');
  expect(await axeViolations(page)).toEqual([]);
  await keep.click();
  await expect(dialog).toBeHidden();
  const row = page.getByRole('row').filter({ hasText: 'count-lines' });
  await expect(row).toContainText('arn:aws:lambda:::function:count-lines');
  await expect(row).toContainText('512 MB, 30 s');
  await expect(row).toContainText('none');
  await row.getByRole('button', { name: 'Show the code of count-lines' }).click();
  await expect(dialog.getByText('counted: true')).toBeVisible();
  expect(await axeViolations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Close', exact: true }).click();

  // A job takes it by its name.
  await open(page, world, '/jobs/new');
  await page.getByRole('radio', { name: 'Snowball Edge' }).check();
  await stepTo(page, 'Processing');
  await page.getByRole('button', { name: 'Add a step' }).click();
  await page.getByRole('menuitem', { name: /^Function/ }).click();
  await expect(page.getByText('code is missing')).toBeVisible();
  await page.getByRole('button', { name: /^Kept function/ }).click();
  await page.getByRole('option', { name: /^count-lines/ }).click();
  await expect(page.getByRole('textbox', { name: 'Code' })).toHaveValue(CODE);
  await expect(page.getByLabel('Memory MB')).toHaveValue('512');
  expect(await axeViolations(page)).toEqual([]);
  await stepTo(page, 'Name and review');
  await page.getByLabel('Name of the job').fill('Counted at the site');
  await page.getByRole('button', { name: 'Create job' }).click();
  await expect(page.getByRole('heading', { name: 'Counted at the site' })).toBeVisible();

  await page.getByRole('link', { name: 'Functions', exact: true }).click();
  await row.getByRole('link', { name: '1 open of 1' }).click();
  await page.waitForURL(/filter=function/);
  await expect(page.getByRole('link', { name: 'Counted at the site' })).toBeVisible();
  await open(page, world, '/functions');
  const choose = async (item: string) => {
    await page.getByRole('button', { name: 'Actions of count-lines' }).click();
    await page.getByRole('menuitem', { name: item, exact: true }).click();
  };
  await choose('Replace the code');
  await expect(dialog).toContainText('Jobs that exist keep the copy that they have');
  await upload('count-lines.mjs', `${CODE}// better\n`);
  await dialog.getByRole('button', { name: 'Replace', exact: true }).click();
  await expect(dialog).toBeHidden();
  // The job has the code of before, and the limits stay.
  await expect(row).toContainText('none');
  await expect(row).toContainText('512 MB');
  await choose('Remove');
  await expect(dialog).toContainText('a request that names its ARN is refused');
  await expect(dialog).toContainText('No job has its code.');
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('No function yet.')).toBeVisible();
});

test('a viewer reads functions and keeps none', async ({ page, world }) => {
  const api = await world.api();
  await api.call('keepFunction', { params: { name: 'seen' }, body: { code: CODE } });
  await signIn(page, world, VIEWER);
  await open(page, world, '/functions');
  await page.getByRole('button', { name: 'Show the code of seen' }).click();
  await expect(page.getByRole('dialog').getByText('counted: true')).toBeVisible();
  await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Keep function' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Actions of seen' })).toHaveCount(0);
  await api.call('removeFunction', { params: { name: 'seen' } });
});
