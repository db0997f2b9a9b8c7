/** `npm run bench:console`: builds the console and measures it with many jobs and agents. */
import { buildIfNeeded } from './build.mjs';

await buildIfNeeded();
const { register } = await import('tsx/esm/api');
register();
const { benchConsole } = await import('../../e2e/bench/console/main.ts');
await benchConsole(process.argv.slice(2));
