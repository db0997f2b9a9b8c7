import { browserPath } from '../browser.ts';
import { buildIfNeeded } from '../build.ts';
import { run } from '../run.mjs';

const bin = (name: string) => `node_modules/.bin/${name}`;

/** `npm test`: lint and format, types, every test, and the browser tests on a real build. */
export async function main(): Promise<number> {
  run(bin('biome'), ['check', '--error-on-warnings', '.']);
  run(bin('tsc'), ['--noEmit', '--incremental', 'false']);
  run(bin('vitest'), ['run', '--config', 'lib/testing/vitest.config.ts']);
  await buildIfNeeded();
  const chromium = browserPath();
  run(bin('playwright'), ['test', '--config', 'e2e/playwright.config.ts'], {
    ...(chromium && { WAYBILL_CHROMIUM: chromium }),
  });
  return 0;
}
