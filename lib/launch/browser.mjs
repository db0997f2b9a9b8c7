import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { run } from './install.mjs';

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
export function browserPath() {
  const path = installed();
  if (path) return path;
  const hasApt = spawnSync('apt-get', ['--version']).status === 0;
  if (process.getuid?.() === 0 && hasApt) {
    console.error('installing chromium (once) …');
    run('apt-get', ['update', '-qq']);
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
      DEBIAN_FRONTEND: 'noninteractive',
    });
    return installed();
  }
  run('node_modules/.bin/playwright', ['install', 'chromium-headless-shell']);
  return undefined;
}
