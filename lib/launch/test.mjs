/** `npm test`: installs what is missing, then lint and format, types, and every test. */
import { installPackages, run } from './install.mjs';

installPackages();
const bin = (name) => `node_modules/.bin/${name}`;
run(bin('biome'), ['check', '--error-on-warnings', '.']);
run(bin('tsc'), ['--noEmit', '--incremental', 'false']);
run(bin('vitest'), ['run', '--config', 'lib/testing/vitest.config.ts']);
