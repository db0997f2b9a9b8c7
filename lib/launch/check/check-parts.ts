import { changedTests } from './changed-tests.ts';
import type { Part } from './parts.ts';
import { runTool } from './tools.ts';

/** What tsc found out about files that did not change since. */
const TYPES_CACHE = 'node_modules/.cache/waybill/types.tsbuildinfo';

/** The parts of `npm run check`: what can be known in seconds. */
export const CHECK_PARTS: readonly Part[] = [
  {
    name: 'lint',
    about: 'lint and format, as in npm test',
    run: () => runTool('biome', ['check', '--error-on-warnings', '.']),
  },
  {
    name: 'types',
    about: 'types, as in npm test, but only of what changed since the last time',
    run: () => runTool('tsc', ['--noEmit', '--incremental', '--tsBuildInfoFile', TYPES_CACHE]),
  },
  {
    name: 'house',
    about: 'house rules and structure',
    run: () => runTool('vitest', ['run', '--config', 'lib/testing/house.config.ts']),
  },
  {
    name: 'changed',
    about:
      'unit tests of the folders in which something changed since the upstream branch, else main',
    run: () => {
      const tests = changedTests();
      if (tests.length > 0)
        runTool('vitest', ['run', '--config', 'lib/testing/vitest.config.ts', ...tests]);
    },
  },
];
