/** `npm test`: installs what is missing, then lint and format, types, every test, and the browser tests on a real build. */
import { browserPath } from './browser.mjs';
import { buildIfNeeded } from './build.mjs';
import { installPackages } from './install.mjs';
import { run } from './run.mjs';

await installPackages();
const bin = (name) => `node_modules/.bin/${name}`;
run(bin('biome'), ['check', '--error-on-warnings', '.']);
run(bin('tsc'), ['--noEmit', '--incremental', 'false']);
run(bin('vitest'), ['run', '--config', 'lib/testing/vitest.config.ts']);
await buildIfNeeded();
const chromium = browserPath();
run(bin('playwright'), ['test', '--config', 'e2e/playwright.config.ts'], {
  ...(chromium && { WAYBILL_CHROMIUM: chromium }),
});
