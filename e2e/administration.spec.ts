import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { choose, confirm, expect, open, readText, test } from './world.ts';

const dialogOf = (page: Page) => page.getByRole('dialog');

test('a device is added, lost, found again, put back and retired, and its page tells it', async ({
  signedIn: page,
  world,
}) => {
  await open(page, world, '/devices');
  await page.getByRole('button', { name: 'Add device' }).first().click();
  await dialogOf(page).getByLabel('Id', { exact: true }).fill('SB-7001');
  await dialogOf(page).getByLabel('Note (optional)').fill('shelf 4');
  await confirm(page, 'Add');
  await page.getByRole('link', { name: 'SB-7001' }).click();
  await choose(page, 'Actions', 'Report lost');
  await dialogOf(page).getByLabel('Note').fill('not in the rack');
  await confirm(page, 'Report lost');
  await open(page, world, '/devices?state=lost');
  await expect(page.getByRole('heading', { name: 'Devices (1)' })).toBeVisible();
  await expect(
    page.getByRole('row', { name: /SB-7001.*Lost.*Unknown.*not in the rack/ }),
  ).toBeVisible();
  await page.getByRole('link', { name: 'SB-7001' }).click();
  await choose(page, 'Actions', 'Report found again');
  await confirm(page, 'Report found again');
  await choose(page, 'Actions', 'Put back in service');
  await confirm(page, 'Put back in service');
  await expect(page.getByText('A station gives it to a job that fits')).toBeVisible();
  await choose(page, 'Actions', 'Retire');
  await expect(dialogOf(page)).toContainText('Erase or destroy its medium');
  await dialogOf(page).getByLabel('Note').fill('worn out');
  await confirm(page, 'Retire');
  await expect(page.getByText('Retired', { exact: true })).toBeVisible();
  const log = page.getByRole('grid', { name: 'Custody log' });
  await expect(log.getByRole('row', { name: /device\.changed.*state: lost/ })).toBeVisible();
  await expect(log.getByRole('row', { name: /device\.changed.*state: retired/ })).toBeVisible();
  await expect(log.getByRole('row', { name: /device\.added/ })).toBeVisible();
  await open(page, world, '/devices?state=retired');
  await expect(page.getByRole('row', { name: /SB-7001.*Retired.*worn out/ })).toBeVisible();
});

test('a store is added and tested right by right before anything ships', async ({
  signedIn: page,
  world,
}) => {
  const root = join(world.dir, 'objects');
  mkdirSync(root);
  await open(page, world, '/stores');
  await page.getByRole('button', { name: 'Add store' }).click();
  await dialogOf(page).getByLabel('Id', { exact: true }).fill('second');
  await dialogOf(page).getByLabel('Name').fill('Second');
  await dialogOf(page).getByLabel('Kind').click();
  await page.getByRole('option', { name: /^Directory/ }).click();
  await dialogOf(page).getByLabel('Root').fill(root);
  await confirm(page, 'Add');
  await page.getByRole('button', { name: 'Test a bucket of Second' }).click();
  await dialogOf(page).getByLabel('Bucket', { exact: true }).fill('incoming');
  await dialogOf(page).getByRole('button', { name: 'Test', exact: true }).click();
  await expect(dialogOf(page).getByText('Bucket incoming does not exist.')).toBeVisible();
  await dialogOf(page).getByRole('button', { name: 'Close', exact: true }).click();
  await choose(page, 'Actions of Second', 'Make a bucket');
  await dialogOf(page).getByLabel('Bucket', { exact: true }).fill('incoming');
  await confirm(page, 'Make bucket');
  await page.getByRole('button', { name: 'Test a bucket of Second' }).click();
  await dialogOf(page).getByLabel('Bucket', { exact: true }).fill('incoming');
  await dialogOf(page).getByRole('button', { name: 'Test', exact: true }).click();
  await expect(dialogOf(page).getByText('Everything that jobs need is allowed.')).toBeVisible();
  for (const right of ['List objects', 'Write an object', 'Delete an object'])
    await expect(dialogOf(page).getByRole('row', { name: `${right} Allowed` })).toBeVisible();
  await dialogOf(page).getByRole('button', { name: 'Close', exact: true }).click();
  await choose(page, 'Actions of Second', 'Edit');
  await dialogOf(page).getByLabel('Name').fill('Second, renamed');
  await dialogOf(page).getByLabel('Prefix of completion reports (optional)').fill('reports/');
  await confirm(page, 'Save');
  await expect(page.getByRole('row', { name: /Second, renamed.*none yet/ })).toBeVisible();
  const { stores } = await (await world.api()).call('listStores');
  expect(stores.find(({ id }) => id === 'second')?.settings).toMatchObject({
    reports: { prefix: 'reports/' },
  });
});

test('an address is added, found and archived', async ({ signedIn: page, world }) => {
  await open(page, world, '/addresses');
  await page.getByRole('button', { name: 'Add address' }).first().click();
  const dialog = dialogOf(page);
  await dialog.getByRole('button', { name: /^Country/ }).click();
  await page.keyboard.type('Germany');
  await page.getByRole('option', { name: 'Germany' }).click();
  for (const [label, value] of [
    ['Name', 'Ada Example'],
    ['Street', 'Main St 1'],
    ['City', 'Berlin'],
    ['Postal code', '10115'],
    ['Phone', '+49 30 1234567'],
  ] as const)
    await dialog.getByLabel(label).first().fill(value);
  await confirm(page, 'Add');
  await page.getByRole('searchbox').fill('berl');
  await expect(page.getByRole('row', { name: /Ada Example.*Main St 1.*Berlin/ })).toBeVisible();
  await page.getByRole('button', { name: 'Archive the address of Ada Example' }).click();
  await confirm(page, 'Archive');
  await page.getByRole('button', { name: 'Archived' }).click();
  await expect(page.getByRole('row', { name: /Ada Example/ })).toBeVisible();
});

test('an invited person chooses a password in a browser of their own', async ({
  signedIn: page,
  world,
  browser,
}) => {
  await open(page, world, '/people');
  const invite = async (name: string, email: string) => {
    await page.getByRole('button', { name: 'Invite person' }).click();
    await dialogOf(page).getByLabel('Name').fill(name);
    await dialogOf(page).getByLabel('E-mail address').fill(email);
    await dialogOf(page).getByRole('button', { name: 'Invite', exact: true }).click();
    const link = await dialogOf(page)
      .getByText(/^http.*\/invitation#/)
      .textContent();
    await confirm(page, 'Done');
    return link ?? '';
  };
  const link = await invite('Grace', 'grace@example.org');
  await invite('Nobody', 'nobody@example.org');
  const links = page.getByRole('grid', { name: 'Open invitations' });
  await expect(links.getByRole('row', { name: /Grace.*join as operator/ })).toBeVisible();
  const theirs = await browser.newContext();
  const other = await theirs.newPage();
  await other.goto(link);
  await other.locator('html[data-interactive]').waitFor();
  await other.getByLabel('Password', { exact: true }).fill('a password of hers');
  await other.getByLabel('Password again').fill('a password of hers');
  await other.getByRole('button', { name: 'Set password and sign in' }).click();
  await expect(other.getByRole('heading', { name: 'Overview' })).toBeVisible();
  await theirs.close();
  await page.getByRole('button', { name: 'Withdraw the link for Nobody' }).click();
  await confirm(page, 'Withdraw');
  await expect(links.getByRole('row', { name: /Nobody/ })).toHaveCount(0);
  await page.getByText('What each role may do').click();
  const roles = page.getByRole('table', { name: 'What each role may do' });
  await expect(roles.getByRole('row', { name: /Create jobs – yes – yes/ })).toBeVisible();
});

test('the custody log is filtered, downloaded as it is filtered, and verified', async ({
  signedIn: page,
  world,
}) => {
  const api = await world.api();
  await api.call('addDevice', { body: { id: 'SB-7002', capacityBytes: 80e12 } });
  await open(page, world, '/audit');
  await page.getByRole('combobox', { name: 'Filter the custody log' }).fill('What = device.added');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row', { name: /device\.added.*SB-7002/ })).toBeVisible();
  await expect(page.getByRole('row', { name: /person\./ })).toHaveCount(0);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download' }).click();
  const file = join(world.dir, 'custody.jsonl');
  await (await download).saveAs(file);
  const lines = readText(file).trim().split('\n');
  expect(new Set(lines.map((line) => JSON.parse(line).kind))).toEqual(new Set(['device.added']));
  await page.getByRole('button', { name: 'Verify the chain' }).click();
  await expect(page.getByText(/The chain of \d+ entries is whole/)).toBeVisible();

  const kept = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Signed head' }).click();
  const head = join(world.dir, 'custody-head.cms');
  await (await kept).saveAs(head);
  await page.getByRole('button', { name: 'Check a head' }).click();
  const choice = dialogOf(page).locator('input[type=file]');
  await choice.setInputFiles(head);
  await dialogOf(page).getByRole('button', { name: 'Check', exact: true }).click();
  await expect(dialogOf(page).getByText(/entries is whole, and agrees with \d+/)).toBeVisible();
  // What is no head is refused with words, and another file can be chosen.
  await choice.setInputFiles(file);
  await dialogOf(page).getByRole('button', { name: 'Check', exact: true }).click();
  await expect(dialogOf(page).getByText(/entries is whole/)).toHaveCount(0);
  await expect(
    dialogOf(page)
      .getByText(/signature|head/i)
      .last(),
  ).toBeVisible();
});

test('an access key is made, shown once and revoked', async ({ signedIn: page, world }) => {
  await open(page, world, '/tokens');
  await page.getByRole('button', { name: 'Make access key' }).first().click();
  await dialogOf(page).getByLabel('Name').fill('cli');
  await dialogOf(page).getByRole('button', { name: 'Make', exact: true }).click();
  await expect(dialogOf(page).getByText('The secret is shown this once')).toBeVisible();
  await confirm(page, 'Done');
  await page.getByRole('button', { name: 'Revoke access key cli' }).click();
  await confirm(page, 'Revoke');
  await expect(page.getByRole('row', { name: /cli.*revoked/ })).toBeVisible();
});
