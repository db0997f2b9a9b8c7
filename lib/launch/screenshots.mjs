/**
 * `npm run screenshots`: builds the console and takes the pictures that the documents show, of real jobs.
 * `npm run screenshots -- --every-page DIR`: every page at three widths in both colours, to be looked at.
 */
import { parseArgs } from 'node:util';
import { browserPath } from './browser.mjs';
import { buildIfNeeded } from './build.mjs';

const text = { type: 'string' };
const { values } = parseArgs({ options: { 'every-page': text, width: text, colours: text } });
await buildIfNeeded();
const { register } = await import('tsx/esm/api');
register();
if (values['every-page']) {
  const { takeEveryPage } = await import('../../e2e/screenshots/every-page.ts');
  await takeEveryPage(browserPath(), { ...values, folder: values['every-page'] });
} else {
  const { takeScreenshots } = await import('../../e2e/screenshots/main.ts');
  await takeScreenshots(browserPath());
}
