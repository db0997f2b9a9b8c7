import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { TB } from '../lib/domain/sizes.ts';
import { axeViolations } from './axe.ts';
import { ADMIN, expect, open, test, VIEWER } from './world.ts';

const PAGES = [
  '/',
  '/jobs',
  '/jobs/new',
  '/jobs/JOB',
  '/devices',
  '/devices/SB-9000',
  '/stores',
  '/functions',
  '/addresses',
  '/settings',
  '/audit',
  '/tokens',
  '/people',
  '/account',
];

test.beforeAll(async ({ world }) => {
  const api = await world.api();
  await api.call('addDevice', { body: { id: 'SB-9000', capacityBytes: 80 * TB } });
});

for (const theme of ['light', 'dark']) {
  test(`every page is accessible in ${theme} colours`, async ({ signedIn: page, world }) => {
    test.slow();
    const api = await world.api();
    const job = await api.call('createJob', {
      body: {
        name: 'Seen by axe',
        option: 'snowball',
        type: 'import',
        sizeBytes: 50 * TB,
        storeId: 'embedded',
        bucket: 'default',
      },
    });
    const url = world.console.url;
    await page.context().addCookies([{ name: 'waybill-theme', value: theme, url }]);
    const problems: unknown[] = [];
    const errors: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    for (const path of PAGES.map((template) => template.replace('JOB', job.id))) {
      await page.goto(url + path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.getByText(/^Loading /)).toHaveCount(0);
      for (const violation of await axeViolations(page)) problems.push({ path, ...violation });
    }
    expect(problems).toEqual([]);
    expect(errors).toEqual([]);
  });
}

test('no script runs that the console did not write', async ({ signedIn: page, world }) => {
  const policies = new Set<string>();
  for (const path of ['/', '/sign-in']) {
    const answer = await page.goto(world.console.url + path);
    policies.add(answer?.headers()['content-security-policy'] ?? '');
  }
  expect(policies.size).toBe(2);
  for (const policy of policies) {
    expect(policy).toMatch(/script-src 'self' 'nonce-[\w+/=]{22,}' 'strict-dynamic';/);
    expect(policy).toContain("frame-ancestors 'none'");
  }
  await page.evaluate(() => {
    const evil = '<button id="evil" onclick="document.title = String(7 * 6)">x</button>';
    document.body.insertAdjacentHTML('beforeend', evil);
    document.getElementById('evil')?.click();
  });
  expect(await page.title()).not.toBe('42');
});

test('no page is wider than a phone, or begins anew on one', async ({ signedIn: page, world }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  for (const path of PAGES.filter((one) => !one.includes('JOB'))) {
    await page.goto(world.console.url + path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    // The page settles at its width once it is alive.
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    await expect.poll(width, { message: path }).toBe(390);
    expect({ path, errors }).toEqual({ path, errors: [] });
  }
});

test('a phone is sent a page for phones, which stays as it is when it comes alive', async ({
  browser,
  signedIn,
  world,
}) => {
  const { cookies } = await signedIn.context().storageState();
  const sessions = cookies.filter(({ name }) => /session/.test(name));
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  const hints = { 'sec-ch-ua-mobile': '?1' };
  const bar = (page: Page) =>
    page.getByRole('navigation', { name: 'Main navigation' }).getByRole('button');
  // What the server has painted, without a script that could change it.
  const still = await browser.newContext({
    ...phone,
    extraHTTPHeaders: hints,
    javaScriptEnabled: false,
  });
  await still.addCookies(sessions);
  const painted = await still.newPage();
  await painted.goto(`${world.console.url}/stores`);
  const box = await bar(painted).boundingBox();
  expect(box?.y).toBeLessThan(80);
  await still.close();
  const alive = await browser.newContext({ ...phone, extraHTTPHeaders: hints });
  await alive.addCookies(sessions);
  const page = await alive.newPage();
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await open(page, world, '/stores');
  expect(await bar(page).boundingBox()).toEqual(box);
  expect(errors).toEqual([]);
  // Whoever comes back with a window as narrow is known, whatever the browser says of itself.
  expect((await alive.cookies()).find(({ name }) => name === 'waybill-narrow')?.value).toBe('yes');
  await alive.close();
});

test('what a page asks first is answered while it is painted', async ({
  browser,
  signedIn,
  world,
}) => {
  const api = await world.api();
  await api.call('createAccessKey', { body: { name: 'painted-key' } });
  await api.call('addAddress', {
    body: {
      name: 'Painted Hall',
      street1: 'Invalidenstr. 1',
      city: 'Berlin',
      country: 'DE',
      postalCode: '10115',
      phoneNumber: '+49 30 1234567',
    },
  });
  const job = await api.call('createJob', {
    body: {
      name: 'Painted at once',
      option: 'snowball',
      type: 'import',
      sizeBytes: 50 * TB,
      storeId: 'embedded',
      bucket: 'default',
    },
  });
  const context = await browser.newContext({ javaScriptEnabled: false });
  await context.addCookies((await signedIn.context().storageState()).cookies);
  const page = await context.newPage();
  for (const [path, text] of [
    ['/', 'Painted at once'],
    ['/jobs', 'Painted at once'],
    ['/jobs?filter=name+%3D+nothing', 'No jobs match the filter.'],
    [`/jobs/${job.id}`, 'Next: Start preparing a device'],
    ['/stores', 'Embedded store'],
    ['/functions', 'No function yet.'],
    ['/settings', 'Nobody is told yet.'],
    ['/devices?text=nothing-like-this', 'No devices match the filter.'],
    ['/addresses', 'Painted Hall'],
    ['/audit', 'job.created'],
    ['/people', VIEWER.email],
    ['/tokens', 'painted-key'],
  ] as const) {
    await page.goto(world.console.url + path);
    await expect(page.getByText(text).first(), path).toBeVisible();
  }
  await context.close();
});

test('the agent that the console offers runs alone', async ({ request, world }) => {
  const answer = await request.get(`${world.console.url}/api/v1/agent/waybill.mjs`);
  const dir = mkdtempSync(join(tmpdir(), 'waybill-agent-'));
  writeFileSync(join(dir, 'waybill.mjs'), await answer.body());
  const { PATH } = process.env;
  const env = { PATH, NODE_ENV: 'production' } as const;
  const run = spawnSync(process.execPath, ['waybill.mjs', '--version'], { cwd: dir, env });
  rmSync(dir, { recursive: true });
  expect(run.stdout.toString()).toMatch(/^\d+\.\d+\.\d+/);
});

test('whoever is not signed in any more is asked to, and led to where they wanted', async ({
  page,
  world,
}) => {
  await page.goto(`${world.console.url}/jobs?type=import`);
  await expect(page.getByRole('heading', { name: 'Sign in to Waybill' })).toBeVisible();
  await page.getByLabel('E-mail address').fill(ADMIN.email);
  await page.getByLabel('Password').fill(ADMIN.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/jobs?type=import');
  await expect(page.getByRole('heading', { name: /^Jobs/ })).toBeVisible();
  // So it is when the session ends while they look at the page, and something happens.
  await page.request.post(`${world.console.url}/api/auth/sign-out`, {
    headers: { origin: world.console.url },
    data: {},
  });
  const api = await world.api();
  await api.call('createJob', {
    body: {
      name: 'Meanwhile',
      option: 'snowball',
      type: 'import',
      sizeBytes: 50 * TB,
      storeId: 'embedded',
      bucket: 'default',
    },
  });
  await page.waitForURL('**/sign-in?next=%2Fjobs%3Ftype%3Dimport');
});
