import { TB } from '../lib/domain/sizes.ts';
import { act, expect, open, reaches, showPart, stepTo, test } from './world.ts';

test('a scan, an incident and what follows; then a job like it', async ({
  signedIn: page,
  world,
}) => {
  const api = await world.api();
  const job = await api.call('createJob', {
    body: {
      name: 'Rough way',
      option: 'snowball',
      type: 'import',
      sizeBytes: 50 * TB,
      storeId: 'embedded',
      bucket: 'default',
    },
  });
  await open(page, world, `/jobs/${job.id}?tab=shipments`);
  await act(page, 'Start preparing');
  world.device('SB-0009');
  await reaches(page, 'Ready to ship');
  // Its label can be had; that of the way back not before the volume is sealed.
  await expect(page.getByRole('link', { name: 'Label to the site' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Label to the facility' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await act(page, 'Ship to site', { carrier: 'Carrier One', seals: '0017, 0018' });
  await page.getByRole('button', { name: 'Record scan' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Place').fill('Rotterdam hub');
  await dialog.getByRole('button', { name: 'Record', exact: true }).click();
  await expect(page.getByText('Rotterdam hub')).toBeVisible();

  await showPart(page, 'Incidents');
  await page.getByRole('button', { name: 'Report incident' }).click();
  await dialog.getByRole('button', { name: /^What happened/ }).click();
  await page.getByRole('option', { name: 'Delivery refused' }).click();
  await expect(dialog).toContainText('Next, for the operator: Arrange a new delivery');
  await dialog.getByRole('button', { name: 'Report', exact: true }).click();
  await reaches(page, 'In transit to site, needs attention');
  await expect(page.getByRole('tab', { name: 'Incidents (1)' })).toBeVisible();
  await page.getByRole('button', { name: 'Resolve incident' }).click();
  await expect(dialog).toContainText(/the device SB-\d+ is “In transit” again/);
  await dialog.getByLabel('Note').fill('The driver comes again');
  await dialog.getByRole('button', { name: 'Resolve', exact: true }).click();
  await expect(page.getByRole('grid', { name: 'Incidents' })).toContainText(
    'by Ada: The driver comes again',
  );

  // Whoever takes it in is told what to compare.
  await page.getByRole('button', { name: 'Mark delivered to site' }).click();
  await expect(dialog).toContainText('Tamper seals: 0017, 0018');
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  await page.getByRole('link', { name: 'Clone' }).click();
  await page.waitForURL(new RegExp(`/jobs/new\\?from=${job.id}`));
  await stepTo(page, 'Name and review');
  await expect(page.getByLabel('Name of the job')).toHaveValue('Rough way-clone');
});
