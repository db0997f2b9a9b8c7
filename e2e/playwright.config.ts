import { availableParallelism } from 'node:os';
import { defineConfig } from '@playwright/test';

const executablePath = process.env.WAYBILL_CHROMIUM;

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  // A transfer is a story of real processes, on machines of any pace: these bounds end what hangs, and judge no pace.
  timeout: 600_000,
  expect: { timeout: 60_000 },
  // Each has a console and a browser, which wait for each other.
  workers: Math.ceil(1.5 * availableParallelism()),
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list']],
  use: {
    viewport: { width: 1366, height: 900 },
    acceptDownloads: true,
    // Drawing is most of what a browser without a graphics card does: no motion, and no pictures for a trace unless
    // asked for with --trace on.
    trace: 'off',
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      ...(executablePath && { executablePath }),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
});
