import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '../lib/api/client.ts';
import { ADMIN, choose, confirm, expect, open, signIn, startWorld, test } from './world.ts';

const NELLY = { name: 'Nelly', email: 'nelly@example.org', password: 'correct horse battery' };

test('whoever guesses passwords is held up', async ({ page }) => {
  const dir = mkdtempSync(join(tmpdir(), 'waybill-e2e-'));
  const world = await startWorld(dir, 3);
  try {
    await open(page, world, '/sign-in');
    await page.getByLabel('E-mail address').fill(ADMIN.email);
    const guess = async (password: string) => {
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
    };
    for (let i = 0; i < 3; i += 1) {
      await guess(`a guess, number ${i}`);
      await expect(
        page.getByText('Address or password is not right.', { exact: true }),
      ).toBeVisible();
    }
    // Not even the right one helps for the rest of the minute.
    await guess(ADMIN.password);
    const told = 'Too many attempts. Wait a minute and try again.';
    await expect(page.getByText(told, { exact: true })).toBeVisible();
  } finally {
    await world.console.stop();
    rmSync(dir, { recursive: true, force: true });
  }
});

test('a role is changed and sessions are ended, and who had them has to sign in again', async ({
  signedIn: page,
  browser,
  world,
}) => {
  const api = await world.api();
  await api.call('addPerson', { body: { ...NELLY, role: 'viewer' } });
  const theirs = await (await browser.newContext()).newPage();
  await signIn(theirs, world, NELLY);
  await open(page, world, '/people');
  await choose(page, 'Actions of Nelly', 'Change role, or disable');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('ends their sessions');
  await dialog.getByRole('button', { name: /^Role/ }).click();
  await page.getByRole('option', { name: /^operator/i }).click();
  await confirm(page, 'Change');
  await expect(page.getByRole('row', { name: /Nelly.*operator/ })).toBeVisible();
  await theirs.getByRole('link', { name: 'Jobs', exact: true }).click();
  await theirs.waitForURL(/sign-in/);
  await signIn(theirs, world, NELLY);
  await expect(theirs.getByRole('link', { name: 'Create job' }).first()).toBeVisible();

  await choose(page, 'Actions of Nelly', 'Sessions');
  await expect(dialog.getByRole('row', { name: /Chrome/ })).toBeVisible();
  await dialog.getByRole('button', { name: 'End all sessions' }).click();
  await expect(dialog).toBeHidden();
  await theirs.getByRole('link', { name: 'Jobs', exact: true }).click();
  await theirs.waitForURL(/sign-in/);

  await choose(page, 'Actions of Nelly', 'Change role, or disable');
  await dialog.getByText('May sign in').click();
  await confirm(page, 'Change');
  await expect(page.getByRole('row', { name: /Nelly.*no/ })).toBeVisible();
  await open(theirs, world, '/sign-in');
  await theirs.getByLabel('E-mail address').fill(NELLY.email);
  await theirs.getByLabel('Password').fill(NELLY.password);
  await theirs.getByRole('button', { name: 'Sign in' }).click();
  const refused = 'You may not sign in any more. An administrator can allow it again.';
  await expect(theirs.getByText(refused, { exact: true })).toBeVisible();
  await theirs.context().close();
});

test('a token is made, works, and is revoked', async ({ signedIn: page, world }) => {
  await open(page, world, '/tokens');
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Make token' }).first().click();
  await dialog.getByRole('textbox', { name: 'Name' }).fill('nightly');
  await dialog.getByRole('button', { name: 'Make', exact: true }).click();
  await expect(dialog.getByText('It is shown this once')).toBeVisible();
  const token = (await dialog.locator('.long-word').textContent()) ?? '';
  await confirm(page, 'Done');
  const client = createClient({ baseUrl: world.console.url, token });
  expect(await client.call('me')).toMatchObject({ email: ADMIN.email });
  await page.getByRole('button', { name: 'Revoke nightly' }).click();
  await confirm(page, 'Revoke');
  await expect(page.getByRole('row', { name: /nightly.*revoked/ })).toBeVisible();
  await expect(client.call('me')).rejects.toMatchObject({ code: 'TokenRevoked' });
});

test('how the list of jobs is shown stays with the browser', async ({ signedIn: page, world }) => {
  await open(page, world, '/jobs');
  const option = page.getByRole('columnheader', { name: 'Option' });
  await expect(option).toBeVisible();
  await page.getByRole('button', { name: 'Preferences' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: '25 jobs' }).check();
  await dialog.getByRole('checkbox', { name: 'Option' }).click();
  await confirm(page, 'Confirm');
  await expect(option).toBeHidden();
  await page.reload();
  await expect(page.getByRole('columnheader', { name: 'Next step' })).toBeVisible();
  await expect(option).toBeHidden();
});
