import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { TB } from '../lib/domain/sizes.ts';
import { axeViolations } from './axe.ts';
import { confirm, expect, open, reaches, showPart, signInBoth, test, type World } from './world.ts';

const BUCKET = 'e2e-losses';
const KEYS = ['a.txt', 'b.txt', 'c.txt'];

/** An import of three files whose device is in the dock, with other objects under two of their keys. */
async function importInTheWay(world: World): Promise<{ jobId: string; device: string }> {
  const api = await world.api();
  await api.call('makeBucket', { params: { storeId: 'embedded' }, body: { bucket: BUCKET } });
  const { id: jobId } = await api.call('createJob', {
    body: {
      name: 'In the way',
      option: 'snowball',
      type: 'import',
      sizeBytes: 50 * TB,
      storeId: 'embedded',
      bucket: BUCKET,
    },
  });
  const params = { jobId };
  const act = (action: 'prepare' | 'ship-to-site' | 'deliver' | 'ship-to-facility') =>
    api.call('actOnJob', {
      params,
      body: { action, ...(action.startsWith('ship') && { shipment: { carrier: 'Carrier' } }) },
    });
  // Erased devices of other tests are empty, too, and would be taken first.
  for (const name of readdirSync(join(world.dataDir, 'dock')))
    renameSync(join(world.dataDir, 'dock', name), join(world.dir, `${name}-away`));
  const inDock = world.device('SB-0071');
  await act('prepare');
  const state = async () => (await api.call('getJob', { params })).state;
  await expect.poll(state, { timeout: 180_000 }).toBe('ready-to-ship');
  await act('ship-to-site');
  const device = join(world.dir, 'SB-0071');
  renameSync(inDock, device);
  await act('deliver');
  const source = join(world.dir, 'losses');
  mkdirSync(source);
  for (const key of KEYS) writeFileSync(join(source, key), `ours: ${key}`);
  const manifest = join(world.dir, 'losses.manifest');
  const file = await api.call('getManifest', { params });
  writeFileSync(manifest, Buffer.from(await file.arrayBuffer()));
  const codeFile = join(world.dir, 'losses.code');
  const { unlockCode } = await api.call('revealUnlockCode', { params });
  writeFileSync(codeFile, unlockCode, { mode: 0o600 });
  const credentials = ['--manifest', manifest, '--unlock-code-file', codeFile];
  await world.agent(
    'copy',
    source,
    '--device',
    device,
    '--device-is-a-directory',
    ...credentials,
    '--json',
  );
  for (const key of KEYS.slice(0, 2))
    writeFileSync(join(world.dataDir, 'store', BUCKET, key), 'somebody else’s');
  await act('ship-to-facility');
  renameSync(device, inDock);
  return { jobId, device: inDock };
}

test('a device is kept while objects are missing, until people decide about them', async ({
  browser,
  page,
  world,
}) => {
  test.slow();
  const facility = await signInBoth(browser, page, world);
  const { jobId, device } = await importInTheWay(world);
  await open(page, world, `/jobs/${jobId}`);
  await open(facility, world, `/jobs/${jobId}`);
  await reaches(page, 'Importing, needs attention');
  const card = page.getByText('2 of 3 objects are not in the store.', { exact: false }).first();
  await expect(card).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Before the device is erased' })).toBeVisible();
  await expect(
    page.getByRole('heading', { name: 'Then: Decide about the objects that did not land' }),
  ).toBeVisible();
  // Whether data may be lost is for whom it belongs to; the facility may try again.
  await expect(page.getByRole('button', { name: 'Accept the loss' })).toBeVisible();
  await expect(facility.getByRole('button', { name: 'Accept the loss' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Allow erasing without proof' })).toHaveCount(0);
  expect(await axeViolations(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.setViewportSize({ width: 1366, height: 900 });

  await facility.getByRole('button', { name: 'Try the failed objects again' }).click();
  await confirm(facility, 'Try again');
  const attempts = async () =>
    (await (await world.api()).call('getJob', { params: { jobId } })).reportAttempts;
  await expect.poll(attempts, { timeout: 180_000 }).toBe(2);
  await expect(card).toBeVisible();

  await page.getByRole('button', { name: 'Accept the loss' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Accept the loss of 2 objects?');
  await expect(dialog.getByRole('row', { name: /b\.txt/ })).toBeVisible();
  await expect(dialog).toContainText('30 days');
  const accept = dialog.getByRole('button', { name: 'Accept the loss', exact: true });
  await expect(accept).toBeDisabled();
  await dialog.getByLabel('Why, for the custody log').fill('Ours are the older ones');
  expect(await axeViolations(page)).toEqual([]);
  await confirm(page, 'Accept the loss');
  await reaches(page, 'Completed with errors');
  await expect(page.getByText('The loss of 2 objects is accepted')).toBeVisible();
  await expect(
    page.getByText('The grace time after the accepted losses ends', { exact: false }),
  ).toBeVisible();
  expect(existsSync(join(device, 'waybill/seal.bin'))).toBe(true);

  await open(page, world, '/devices/SB-0071');
  await expect(page.getByRole('link', { name: 'Decide on its job' })).toBeVisible();
  await (await world.api()).call('changeErasingSettings', { body: { graceDays: 0 } });
  await expect.poll(() => existsSync(join(device, 'waybill')), { timeout: 180_000 }).toBe(false);
  // What proves it is on the page of its job: the certificate, for people and signed, and the proof of the transfer.
  await open(page, world, `/jobs/${jobId}?tab=shipments`);
  const certificate = await downloaded(page, 'Certificate of erasure');
  expect(certificate.subarray(0, 5).toString()).toBe('%PDF-');
  const signed = await downloaded(page, 'Signed (CMS)');
  expect(signed[0]).toBe(DER_SEQUENCE);
  await showPart(page, 'Report');
  const proof = await downloaded(page, 'Proof of transfer');
  for (const part of ['proof.cms', 'failure.csv']) expect(proof.includes(part)).toBe(true);
  await facility.context().close();
});

/** The first byte of CMS SignedData in DER. */
const DER_SEQUENCE = 0x30;

/** The file behind a link of the page. */
async function downloaded(page: Page, name: string): Promise<Buffer> {
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name, exact: true }).click();
  return readFileSync(await (await download).path());
}
