import { browserPath } from '../browser.ts';
import { buildIfNeeded } from '../build.ts';

/** `npm run bench:console`: builds the console and measures it with many jobs, agents and a browser. */
export async function main(argv: string[]): Promise<number> {
  if (!argv.includes('--help')) {
    await buildIfNeeded();
    const chromium = browserPath();
    if (chromium) process.env.WAYBILL_CHROMIUM = chromium;
  }
  const { benchConsole } = await import('../../../e2e/bench/console/main.ts');
  await benchConsole(argv);
  return 0;
}
