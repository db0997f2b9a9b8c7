import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { type JobTab, jobAddress } from '../../app/(console)/jobs/[jobId]/job-tabs.ts';
import { ROOT } from '../../lib/launch/console/console-process.ts';
import { ADMIN, open, signIn, startWorld, type World } from '../world.ts';
import { type Stories, tellStories } from './stories.ts';

/** Where README and the agent's OPERATING.md look for them. */
const FOLDER = join(ROOT, 'app/_screenshots');
const DESK = { width: 1366, height: 900 };
const PHONE = { width: 390, height: 844 };
/** Charts and icons come after the text. */
const SETTLE_MS = 1500;
/** A slow disk takes its time for the copy. */
const PATIENCE_MS = 240_000;

interface Shot {
  file: string;
  story: keyof Stories | 'overview';
  tab?: JobTab;
  size?: typeof DESK;
  /** A text that the page shows when it is complete. */
  shows: string;
}

const WHILE_COPYING: Shot[] = [
  { file: 'job-page.png', story: 'copying', shows: 'Copying to the device' },
  {
    file: 'job-progress.png',
    story: 'copying',
    tab: 'progress',
    shows: 'Reading the device back',
    size: { width: 1366, height: 1200 },
  },
];
const AFTERWARDS: Shot[] = [
  { file: 'overview.png', story: 'overview', shows: 'Jobs by state' },
  {
    file: 'job-credentials.png',
    story: 'copying',
    tab: 'credentials',
    shows: 'Manifest downloaded',
  },
  { file: 'job-incident.png', story: 'damaged', tab: 'incidents', shows: 'Device damaged' },
  { file: 'job-report.png', story: 'completed', tab: 'report', shows: 'survey-2026/line-' },
  {
    file: 'job-phone.png',
    story: 'travelling',
    tab: 'shipments',
    shows: 'Depot North',
    size: PHONE,
  },
];

/** Takes the pictures that the documents show, of real jobs in a console of their own. `browser` is Chromium's path. */
export async function takeScreenshots(browser: string | undefined): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'waybill-screenshots-'));
  mkdirSync(FOLDER, { recursive: true });
  const world = await startWorld(dir);
  const chrome = await chromium.launch({
    ...(browser && { executablePath: browser }),
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const stories = await tellStories(world);
    const page = await chrome.newPage({ viewport: DESK, colorScheme: 'light' });
    page.setDefaultTimeout(PATIENCE_MS);
    await signIn(page, world, ADMIN);
    const copied = stories.copying.copy();
    try {
      for (const shot of WHILE_COPYING) await take(page, world, stories, shot);
    } finally {
      await copied;
    }
    for (const shot of AFTERWARDS) await take(page, world, stories, shot);
  } finally {
    await chrome.close();
    await world.console.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function take(page: Page, world: World, stories: Stories, shot: Shot): Promise<void> {
  const { file, story, tab = 'overview', size = DESK, shows } = shot;
  await page.setViewportSize(size);
  await open(page, world, story === 'overview' ? '/' : jobAddress(stories[story].id, tab));
  await page.getByText(shows).first().waitFor();
  await page.waitForTimeout(SETTLE_MS);
  await page.screenshot({ path: join(FOLDER, file), animations: 'disabled' });
  console.error(join('app/_screenshots', file));
}
