/** `npm run bench:console`: builds the console and measures it with many jobs, agents and a browser. */
import { browserPath } from './browser.mjs';
import { buildIfNeeded } from './build.mjs';

await buildIfNeeded();
const chromium = browserPath();
if (chromium) process.env.WAYBILL_CHROMIUM = chromium;
const { register } = await import('tsx/esm/api');
register();
const { benchConsole } = await import('../../e2e/bench/console/main.ts');
await benchConsole(process.argv.slice(2));
