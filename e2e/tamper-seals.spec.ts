import { TB } from '../lib/domain/sizes.ts';
import { confirm, expect, open, reaches, showPart, test, type World } from './world.ts';

/** An import whose device arrived at the site with tamper seals that nobody compared. */
async function arrived(world: World, deviceId: string, sealNumbers: string[]): Promise<string> {
  const api = await world.api();
  const { id: jobId } = await api.call('createJob', {
    body: {
      name: `Sealed case ${deviceId}`,
      option: 'snowball',
      type: 'import',
      sizeBytes: 50 * TB,
      storeId: 'embedded',
      bucket: 'default',
    },
  });
  const params = { jobId };
  await api.call('actOnJob', { params, body: { action: 'prepare' } });
  world.device(deviceId);
  const state = async () => (await api.call('getJob', { params })).state;
  await expect.poll(state, { timeout: 180_000 }).toBe('ready-to-ship');
  const shipment = { carrier: 'Carrier', sealNumbers };
  await api.call('actOnJob', { params, body: { action: 'ship-to-site', shipment } });
  await api.call('actOnJob', { params, body: { action: 'deliver' } });
  return jobId;
}

test('numbers that nobody compared are the next step, and those that agree go on', async ({
  signedIn: page,
  world,
}) => {
  const jobId = await arrived(world, 'SB-0081', ['0017', '0018']);
  await open(page, world, `/jobs/${jobId}`);
  await reaches(page, 'At site');
  await expect(
    page.getByRole('heading', { name: /^Next: Enter the tamper seal numbers found on arrival/ }),
  ).toBeVisible();
  await expect(page.getByText(`waybill job seals ${jobId} --seal NUMBER`)).toBeVisible();
  await page.getByRole('button', { name: 'Compare tamper seals' }).click();
  await page.getByRole('dialog').getByLabel('Tamper seals on arrival').fill('0018, 0017');
  await confirm(page, 'Compare');
  await expect(
    page.getByRole('heading', { name: 'Next: Copy the data onto the device' }),
  ).toBeVisible();
  await showPart(page, 'Shipments');
  await expect(page.getByText('the same as at departure: 0017, 0018')).toBeVisible();
});

test('a case that carries none of its seals is an incident', async ({ signedIn: page, world }) => {
  const jobId = await arrived(world, 'SB-0082', ['0019']);
  await open(page, world, `/jobs/${jobId}`);
  await page.getByRole('button', { name: 'Compare tamper seals' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Compare', exact: true })).toBeDisabled();
  await dialog.getByRole('checkbox', { name: 'The case carries no tamper seal' }).check();
  await confirm(page, 'Compare');
  await reaches(page, 'At site, needs attention');
  await expect(page.getByText('missing: 0019', { exact: false }).first()).toBeVisible();
});

test('the settings say whether an import waits for them', async ({ signedIn: page, world }) => {
  const api = await world.api();
  await open(page, world, '/settings');
  const toggle = page.getByRole('checkbox', { name: /Require tamper seals/ });
  const required = async () => (await api.call('sealSettings')).required;
  await expect(toggle).not.toBeChecked();
  // It shows what the server says: not before the answer is there.
  await toggle.click();
  await expect(toggle).toBeChecked();
  await expect.poll(required).toBe(true);
  await toggle.click();
  await expect(toggle).not.toBeChecked();
  await expect.poll(required).toBe(false);
});
