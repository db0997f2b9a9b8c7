import { browserPath } from '../browser.ts';
import { buildIfNeeded } from '../build.ts';
import type { Part } from './parts.ts';
import { runTool } from './tools.ts';

/** The parts of `npm test`, in their order: what fails soonest comes first. */
export const TEST_PARTS: readonly Part[] = [
  {
    name: 'lint',
    about: 'lint and format (biome)',
    run: (args) => runTool('biome', ['check', '--error-on-warnings', '.', ...args]),
  },
  {
    name: 'types',
    about: 'types (tsc)',
    run: (args) => runTool('tsc', ['--noEmit', '--incremental', 'false', ...args]),
  },
  {
    name: 'unit',
    about: 'unit, property, fault and house tests (vitest)',
    run: (args) => runTool('vitest', ['run', '--config', 'lib/testing/vitest.config.ts', ...args]),
  },
  {
    name: 'browser',
    about: 'the pages in a browser, on a real build (playwright)',
    run: async (args) => {
      await buildIfNeeded();
      const chromium = browserPath();
      const env = chromium ? { WAYBILL_CHROMIUM: chromium } : undefined;
      runTool('playwright', ['test', '--config', 'e2e/playwright.config.ts', ...args], env);
    },
  },
];
