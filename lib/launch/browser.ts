import { existsSync } from 'node:fs';
import { run } from './run.mjs';
import { installSystemPackages } from './system-packages.mjs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const installed = () =>
  [process.env.WAYBILL_CHROMIUM ?? '', ...PLACES].find((path) => path && existsSync(path));

/**
 * Path of a Chromium for the browser tests: an installed one, else Debian's by apt when root, else Playwright's
 * own download (then undefined: Playwright finds it itself).
 */
export function browserPath(): string | undefined {
  const path = installed();
  if (path) return path;
  if (installSystemPackages('chromium')) return installed();
  run('node_modules/.bin/playwright', ['install', 'chromium-headless-shell']);
  return undefined;
}
