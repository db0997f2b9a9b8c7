import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from '@playwright/test';
import { JOB_TABS, jobAddress } from '../../app/(console)/jobs/[jobId]/job-tabs.ts';
import { TB } from '../../lib/domain/sizes.ts';
import { freePort, startConsole } from '../../lib/launch/console/console-process.ts';
import { ADMIN, signIn, startWorld, VIEWER, type World } from '../world.ts';
import { type Stories, tellStories } from './stories.ts';

const WIDTHS: Record<string, { width: number; height: number }> = {
  1366: { width: 1366, height: 900 },
  1024: { width: 1024, height: 768 },
  390: { width: 390, height: 844 },
};
const COLOURS = ['light', 'dark'] as const;
/** What is further down is more of the same. */
const HEIGHT_MAX = 2400;
const SETTLE_MS = 700;

interface Choice {
  folder: string;
  /** One of the widths, one of the colours; all unless given. */
  width?: string;
  colours?: string;
}

/** Takes a picture of every page: before anybody is there, before anybody is signed in, and with jobs in every state. */
export async function takeEveryPage(browser: string | undefined, choice: Choice): Promise<void> {
  mkdirSync(choice.folder, { recursive: true });
  const chrome = await chromium.launch({
    ...(browser && { executablePath: browser }),
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    await inFolder((dir) => takeSetUp(chrome, choice, dir));
    await inFolder((dir) => takeConsole(chrome, choice, dir));
  } finally {
    await chrome.close();
  }
}

async function inFolder(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'waybill-pictures-'));
  try {
    await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The first start. */
async function takeSetUp(chrome: Browser, choice: Choice, dataDir: string): Promise<void> {
  const options = { host: '127.0.0.1', port: await freePort(), dataDir } as const;
  const env = { WAYBILL_LOG: 'error' };
  const empty = await startConsole({ ...options, station: false, log: 'hide', env });
  try {
    await eachLook(chrome, choice, async (page, look) => {
      await take(page, empty.setupLink ?? empty.url, `${look}-setup`, choice);
      await page.getByRole('button', { name: 'Make administrator' }).click();
      await page.getByText(/./).first().waitFor();
      await picture(page, `${look}-setup-refused`, choice);
    });
  } finally {
    await empty.stop();
  }
}

async function takeConsole(chrome: Browser, choice: Choice, dir: string): Promise<void> {
  const world = await startWorld(dir);
  try {
    const invitation = await furnish(world);
    const { url } = world.console;
    await eachLook(chrome, choice, async (page, look) => {
      await take(page, `${url}/sign-in`, `${look}-sign-in`, choice);
      await take(page, invitation, `${look}-invitation`, choice);
      await take(page, `${url}/no-such-page`, `${look}-not-found`, choice);
      await signIn(page, world, VIEWER);
      await take(page, `${url}/device?user_code=ABCD`, `${look}-device-login`, choice);
      await page.context().clearCookies({ name: /session/ });
      await signIn(page, world, ADMIN);
      for (const path of EMPTY) await take(page, url + path, nameOf(`${look}-empty`, path), choice);
    });
    const stories = await tellStories(world, { survey: 40, film: 4 });
    await fillLists(world);
    await eachLook(chrome, choice, async (page, look) => {
      await signIn(page, world, ADMIN);
      for (const path of pathsOf(stories)) await take(page, url + path, nameOf(look, path), choice);
    });
  } finally {
    await world.console.stop();
  }
}

/** Lists that have nothing yet teach what they are for. */
const EMPTY = ['/', '/jobs', '/devices', '/functions', '/addresses', '/tokens', '/settings'];

function pathsOf({ completed, damaged, travelling, disk }: Stories): string[] {
  const parts = JOB_TABS.map((tab) => jobAddress(completed.id, tab));
  return [
    ...['/', '/jobs', '/jobs?filter=text+%3A+nothing', '/jobs/new', ...parts],
    jobAddress(damaged.id, 'overview'),
    jobAddress(damaged.id, 'credentials'),
    jobAddress(travelling.id, 'shipments'),
    jobAddress(disk.id, 'overview'),
    ...['/devices', `/devices/${completed.deviceId}`, '/stores', '/functions', '/addresses'],
    ...['/audit', '/tokens', '/people', '/settings', '/account'],
  ];
}

/** "390-dark-jobs-new"; of a job its first letters. */
const nameOf = (look: string, path: string): string =>
  `${look}${path.replace(/(JID\w{4})[\w-]*/, '$1').replace(/[^\w]+/g, '-')}`.replace(/-$/, '-home');

/** People and things that lists show. Returns an invitation's link. */
async function furnish(world: World): Promise<string> {
  const api = await world.api();
  const { link } = await api.call('invitePerson', {
    body: { name: 'Grace Example', email: 'grace@example.org', role: 'operator' },
  });
  return link ?? world.console.url;
}

/** What the lists show besides jobs; nobody listens at the address of the webhook. */
async function fillLists(world: World): Promise<void> {
  const api = await world.api();
  const code = 'export const handler = async (event) => ({ counted: event.Records.length });\n';
  await api.call('keepFunction', { params: { name: 'count-lines' }, body: { code } });
  await api.call('changeNotificationSettings', { body: { allowPrivateAddresses: true } });
  await api.call('addTarget', {
    body: { name: 'Operations', kind: 'webhook', address: 'http://127.0.0.1:9/waybill' },
  });
  await api.call('createJob', {
    body: {
      name: 'Weather records',
      option: 'snowball',
      type: 'import',
      sizeBytes: 80 * TB,
      storeId: 'embedded',
      bucket: 'default',
      encrypted: true,
    },
  });
  await api.call('createAccessKey', { body: { name: 'aws-cli' } });
}

type Look = (page: Page, name: string) => Promise<void>;

async function eachLook(chrome: Browser, choice: Choice, look: Look): Promise<void> {
  for (const [width, viewport] of Object.entries(WIDTHS)) {
    if (choice.width && choice.width !== width) continue;
    for (const colorScheme of COLOURS) {
      if (choice.colours && choice.colours !== colorScheme) continue;
      const phone = width === '390' ? { isMobile: true, hasTouch: true } : {};
      const context = await chrome.newContext({ viewport, colorScheme, ...phone });
      await look(await context.newPage(), `${width}-${colorScheme}`);
      await context.close();
    }
  }
}

async function take(page: Page, url: string, name: string, choice: Choice): Promise<void> {
  await page.goto(url);
  await page.locator('html[data-interactive]').waitFor();
  await page.getByRole('heading').first().waitFor();
  await page
    .getByText(/^Loading /)
    .first()
    .waitFor({ state: 'detached' });
  await picture(page, name, choice);
}

async function picture(page: Page, name: string, { folder }: Choice): Promise<void> {
  await page.waitForTimeout(SETTLE_MS);
  const before = page.viewportSize() ?? { width: 0, height: 0 };
  const content = await page.evaluate(() => document.documentElement.scrollHeight);
  // Not by Playwright's `fullPage`: that changes the width for a moment, and the navigation closes.
  const height = Math.min(HEIGHT_MAX, Math.max(before.height, content));
  await page.setViewportSize({ width: before.width, height });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
  await page.setViewportSize(before);
  console.error(name);
}
