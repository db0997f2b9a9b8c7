/** `npm run screenshots`: pictures of the console, for the documents or to be looked at. */
import { parseArgs } from 'node:util';
import { browserPath } from './browser.mjs';
import { buildIfNeeded } from './build.mjs';

const HELP = `Builds the console and takes pictures of it, of real jobs.

  npm run screenshots                        those that README and OPERATING.md show
  npm run screenshots -- --every-page DIR    every page at three widths, light and dark
                         [--width 1366|1024|390] [--colours light|dark]
`;
const text = { type: 'string' };
const { values } = parseArgs({
  options: {
    'every-page': text,
    width: text,
    colours: text,
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit();
}
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
