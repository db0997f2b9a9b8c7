import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import type { Client } from '../lib/api/client.ts';
import { TB } from '../lib/domain/sizes.ts';
import { mailServer, webhookServer } from '../lib/testing/receivers.ts';
import { choose, confirm, expect, open, test } from './world.ts';

/** A webhook's receiver on this host. `status` is what it answers. */
async function webhookReceiver() {
  const hook = { status: 204, url: '', close: () => server.close() };
  const { server, received } = webhookServer(() => hook.status);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  hook.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return Object.assign(hook, { received });
}

/** Adds a webhook at an address of this host; returns the secret that the page shows once. */
async function addWebhook(page: Page, name: string, url: string): Promise<string> {
  const allow = page.getByLabel('Allow private addresses');
  await expect(allow).toBeEnabled();
  if (!(await allow.isChecked())) await allow.click();
  await expect(allow).toBeChecked();
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Add notification target' }).first().click();
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('URL').fill(url);
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  const secret = await dialog.getByText(/^whsec_/).textContent();
  await confirm(page, 'I have kept it');
  return secret ?? '';
}

const createJob = (api: Client, name: string) =>
  api.call('createJob', {
    body: {
      name,
      option: 'snowball',
      type: 'import',
      sizeBytes: 50 * TB,
      storeId: 'embedded',
      bucket: 'default',
    },
  });

test('a webhook is added, tried, and told of a job, signed', async ({ signedIn: page, world }) => {
  const hook = await webhookReceiver();
  await open(page, world, '/settings');
  const secret = await addWebhook(page, 'Ops', hook.url);
  await choose(page, 'Actions of Ops', 'Send a test message');
  await expect(page.getByText('Ops took the test message (204).')).toBeVisible();
  await createJob(await world.api(), 'told');
  await expect.poll(() => hook.received.length).toBe(2);
  await page.getByRole('button', { name: 'Refresh deliveries' }).click();
  await expect(page.getByRole('row', { name: /told.*Ops.*Delivered/ })).toBeVisible();
  for (const { headers, body } of hook.received) {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
    const mac = createHmac('sha256', key).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${mac}`);
  }
  hook.close();
  await choose(page, 'Actions of Ops', 'Remove');
  await confirm(page, 'Remove');
});

test('what a webhook does not take waits, is tried again, and can be sent by hand', async ({
  signedIn: page,
  world,
}) => {
  const hook = await webhookReceiver();
  hook.status = 503;
  await open(page, world, '/settings');
  await addWebhook(page, 'Shaky', hook.url);
  await createJob(await world.api(), 'retold');
  await expect.poll(() => hook.received.length).toBeGreaterThan(0);
  const row = page.getByRole('row', { name: /retold.*Shaky/ });
  await expect(async () => {
    await page.getByRole('button', { name: 'Refresh deliveries' }).click();
    await expect(row).toContainText('Waiting', { timeout: 1000 });
    await expect(row).toContainText('next attempt', { timeout: 1000 });
  }).toPass();
  await expect(row).toContainText('503');
  const again = row.getByRole('button', { name: /^Redeliver/ });
  await again.click();
  await expect(page.getByText(/Shaky did not take the message yet/)).toBeVisible();
  hook.status = 204;
  await again.click();
  await expect(page.getByText('Shaky took the message.')).toBeVisible();
  await expect(row).toContainText('Delivered');
  const ids = new Set(hook.received.map(({ headers }) => headers['webhook-id']));
  expect(ids.size).toBe(1);
  hook.close();
  await choose(page, 'Actions of Shaky', 'Remove');
  await confirm(page, 'Remove');
});

test('a mail server is set, tells of a job, and carries an invitation', async ({
  signedIn: page,
  world,
}) => {
  const server = await mailServer();
  const dialog = page.getByRole('dialog');
  await open(page, world, '/settings');
  await page.getByRole('button', { name: 'Set mail server' }).click();
  await dialog.getByLabel('Host').fill('127.0.0.1');
  await dialog.getByRole('radio', { name: /^None/ }).check();
  await dialog.getByLabel('Port').fill(String(server.port));
  await dialog.getByLabel(/^User name/).fill('waybill');
  await dialog.getByLabel(/^Password/).fill('secret');
  await dialog.getByLabel('Sender').fill('waybill@example.org');
  await confirm(page, 'Save');
  await expect(page.getByText(`127.0.0.1:${server.port}`)).toBeVisible();
  await page.getByRole('button', { name: 'Add notification target' }).first().click();
  await dialog.getByRole('radio', { name: /^E-mail/ }).check();
  await dialog.getByLabel('Name').fill('Desk');
  await dialog.getByLabel('E-mail address').fill('desk@example.org');
  await confirm(page, 'Add');
  await choose(page, 'Actions of Desk', 'Send a test message');
  await expect(page.getByText('Desk took the test message (250).')).toBeVisible();
  await createJob(await world.api(), 'mailed');
  await expect.poll(() => server.mails.some((mail) => mail.includes('mailed'))).toBe(true);

  await open(page, world, '/people');
  await page.getByRole('button', { name: 'Invite person' }).click();
  await dialog.getByLabel('Name').fill('Hedy');
  await dialog.getByLabel('E-mail address').fill('hedy@example.org');
  await dialog.getByRole('button', { name: 'Invite', exact: true }).click();
  await expect(dialog.getByText('It was mailed.')).toBeVisible();
  await confirm(page, 'Done');
  const mail = server.mails.find((one) => one.includes('To: hedy@example.org')) ?? '';
  const link = /http\S+\/invitation#\S+/.exec(mail.replace(/=\r\n/g, ''))?.[0] ?? '';
  await open(page, world, new URL(link.replace('=3D', '=')).pathname);
  await expect(page.getByRole('heading', { name: 'Choose a password' })).toBeVisible();

  await open(page, world, '/settings');
  await choose(page, 'Actions of Desk', 'Remove');
  await confirm(page, 'Remove');
  await page.getByRole('button', { name: 'Remove mail server' }).click();
  await confirm(page, 'Remove');
  await expect(page.getByText('No mail server is set')).toBeVisible();
  await server.close();
});
