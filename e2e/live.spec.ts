import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startConsole } from '../lib/launch/console/console-process.ts';
import { ADMIN, expect, open, signIn, startWorld, test, type World } from './world.ts';

async function order(world: World, name: string): Promise<void> {
  const api = await world.api();
  await api.call('createJob', {
    body: {
      name,
      option: 'snowball',
      type: 'import',
      sizeBytes: 50e12,
      storeId: 'embedded',
      bucket: 'default',
    },
  });
}

test('a page goes on by itself when the console was away', async ({ page }) => {
  const dir = mkdtempSync(join(tmpdir(), 'waybill-e2e-'));
  const world = await startWorld(dir);
  let console = world.console;
  try {
    await signIn(page, world, ADMIN);
    await order(world, 'before');
    const stream = page.waitForResponse((answer) => answer.url().includes('/events?'));
    await open(page, world, '/jobs');
    await expect(page.getByRole('link', { name: 'before' })).toBeVisible();
    // The page is whole: what comes late of it has come, and its stream stands.
    await expect(page.getByLabel('Find jobs')).toBeVisible();
    await stream;
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/events?')) asked.push(new URL(request.url()).search);
    });
    const { hostname: host, port } = new URL(console.url);
    const { dataDir } = world;
    await console.stop();
    console = await startConsole({
      host,
      port: Number(port),
      dataDir,
      station: false,
      log: 'hide',
    });
    // It happens before the page has found the console again, and is not lost.
    await order(world, 'while the page was alone');
    await expect(page.getByRole('link', { name: 'while the page was alone' })).toBeVisible();
    await order(world, 'afterwards');
    await expect(page.getByRole('link', { name: 'afterwards' })).toBeVisible();
    expect(asked.length).toBeGreaterThan(0);
  } finally {
    await console.stop();
    rmSync(dir, { recursive: true, force: true });
  }
});

test('a page that is older than its console is loaded anew', async ({ signedIn: page, world }) => {
  await open(page, world, '/people');
  const parts = '**/_next/static/**';
  await page.route(parts, (route) => route.fulfill({ status: 404 }));
  await page.getByRole('button', { name: 'Invite person' }).click();
  await expect(page.getByText('it was updated after this page was opened')).toBeVisible();
  await page.unroute(parts);
  await page.getByRole('button', { name: 'Reload page' }).click();
  await page.getByRole('button', { name: 'Invite person' }).click();
  await expect(page.getByRole('dialog').getByLabel('Name')).toBeVisible();
});

/** Long enough for whatever asks every few seconds to be seen. */
const IDLE_MS = 5000;

test('a page asks nobody but its console, and nothing while nothing happens', async ({
  signedIn: page,
  world,
}) => {
  await order(world, 'quiet');
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  for (const path of ['/jobs', '/settings']) {
    // The page before asks nothing any more.
    await page.goto('about:blank');
    asked.length = 0;
    await open(page, world, path);
    await expect(page.getByText(/^Loading /)).toHaveCount(0);
    await page.waitForLoadState('load');
    await page.waitForTimeout(1000);
    expect(
      asked.filter((url) => !/^(data|blob):/.test(url) && !url.startsWith(world.console.url)),
    ).toEqual([]);
    const streams = asked.filter((url) => url.includes('/api/v1/events'));
    expect({ path, streams: streams.length }).toEqual({
      path,
      streams: path === '/settings' ? 0 : 1,
    });
    asked.length = 0;
    await page.waitForTimeout(IDLE_MS);
    expect({ path, asked }).toEqual({ path, asked: [] });
  }
});
