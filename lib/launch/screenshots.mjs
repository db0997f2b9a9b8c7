/** `npm run screenshots`: builds the console and takes the pictures that the documents show, of real jobs. */
import { browserPath } from './browser.mjs';
import { buildIfNeeded } from './build.mjs';

await buildIfNeeded();
const { register } = await import('tsx/esm/api');
register();
const { takeScreenshots } = await import('../../e2e/screenshots/main.ts');
await takeScreenshots(browserPath());
