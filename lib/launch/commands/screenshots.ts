import { parseArgs } from 'node:util';
import { takeEveryPage } from '../../../e2e/screenshots/every-page.ts';
import { takeScreenshots } from '../../../e2e/screenshots/main.ts';
import { browserPath } from '../browser.ts';
import { buildIfNeeded } from '../build.ts';

const HELP = `Builds the console and takes pictures of it, of real jobs.

  npm run screenshots                        those that README and OPERATING.md show
  npm run screenshots -- --every-page DIR    every page at three widths, light and dark
                         [--width 1366|1024|390] [--colours light|dark]
`;

/** `npm run screenshots`: pictures of the console, for the documents or to be looked at. */
export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      'every-page': { type: 'string' },
      width: { type: 'string' },
      colours: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  await buildIfNeeded();
  const { width, colours, 'every-page': folder } = values;
  if (folder) await takeEveryPage(browserPath(), { folder, width, colours });
  else await takeScreenshots(browserPath());
  return 0;
}
