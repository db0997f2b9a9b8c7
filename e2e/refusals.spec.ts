import type { JobRequest } from '../lib/api/schemas/job-schemas.ts';
import { TB } from '../lib/domain/sizes.ts';
import { expect, open, signIn, stepTo, test, VIEWER } from './world.ts';

const body: JobRequest = {
  name: 'Own disk',
  option: 'disk',
  type: 'import',
  sizeBytes: 4 * TB,
  encrypted: true,
  storeId: 'embedded',
  bucket: 'default',
};

test('a disk job is tracked in the console and managed outside of it', async ({
  signedIn: page,
  world,
}) => {
  const job = await (await world.api()).call('createJob', { body });
  await open(page, world, `/jobs/${job.id}`);
  await expect(page.getByText('Managed outside the console').first()).toBeVisible();
  await expect(page.getByText(`waybill job cancel ${job.id}`)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Actions' })).toHaveCount(0);
  // Not by a hidden button: the server refuses what the page does not offer.
  const refused = await page.evaluate(
    async ([path, create]) => {
      const send = (url: string, content: unknown) =>
        fetch(url, { method: 'POST', body: JSON.stringify(content) }).then((r) => r.json());
      return [
        await send(`${path}/actions`, { action: 'cancel' }),
        await send('/api/v1/jobs', create),
      ];
    },
    [`/api/v1/jobs/${job.id}`, body] as [string, JobRequest],
  );
  for (const { error } of refused) {
    expect(error.code).toBe('NotManageableInConsole');
    expect(error.next).toContain('waybill job');
  }
});

test('the wizard gives the command for a disk job', async ({ signedIn: page, world }) => {
  await open(page, world, '/jobs/new');
  await page.getByRole('radio', { name: 'Import/Export Disk' }).check();
  await stepTo(page, 'Name and review');
  await page.getByLabel('Name of the job').fill('mine');
  await expect(page.getByText(/waybill job create --name mine --option disk/)).toBeVisible();
});

test('a viewer sees jobs and changes nothing', async ({ page, world }) => {
  const api = await world.api();
  const appliance: JobRequest = { ...body, option: 'snowball', sizeBytes: 50 * TB, name: 'Seen' };
  const job = await api.call('createJob', { body: appliance });
  await signIn(page, world, VIEWER);
  await expect(page.getByRole('link', { name: 'Create job' })).toHaveCount(0);
  await open(page, world, `/jobs/${job.id}`);
  await expect(page.getByRole('heading', { name: 'Seen' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Actions' })).toHaveCount(0);
  const answer = await page.evaluate(async (url) => {
    const sent = { method: 'POST', body: JSON.stringify({ action: 'cancel' }) };
    return (await fetch(url, sent)).json();
  }, `/api/v1/jobs/${job.id}/actions`);
  expect(answer.error.code).toBe('Forbidden');
});

test('a wrong password is told in words', async ({ page, world }) => {
  await open(page, world, '/sign-in');
  await page.getByLabel('E-mail address').fill(VIEWER.email);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('Address or password is not right.', { exact: true })).toBeVisible();
});
