import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { invariant } from '../../../lib/domain/invariant.ts';
import { at } from './numbers.ts';
import { PERSON } from './served-console.ts';

/** A page, and what is there once a person can work with it. */
const PAGES = [
  { path: '/sign-in', usable: 'button:has-text("Sign in")', signedIn: false },
  { path: '/', usable: 'h2:has-text("Moved in the last 30 days")', signedIn: true },
  { path: '/jobs', usable: 'tbody a[href^="/jobs/JID"]', signedIn: true },
  { path: '/jobs/JOB', usable: '[aria-current="step"]', signedIn: true },
  { path: '/jobs/new', usable: 'input[type="radio"]', signedIn: true },
  { path: '/devices', usable: 'tbody a[href^="/devices/"]', signedIn: true },
  { path: '/stores', usable: 'tbody tr', signedIn: true },
  { path: '/addresses', usable: 'main h1', signedIn: true },
  { path: '/audit', usable: 'tbody tr', signedIn: true },
  { path: '/people', usable: 'tbody tr', signedIn: true },
  { path: '/settings', usable: 'main h2', signedIn: true },
] as const;

export interface PageLoad {
  path: string;
  /** From the start of the navigation until it can be worked with, ms. */
  usableMs: number[];
  /** Scripts of the first load over the wire, and what they unpack to. */
  scriptBytes: number;
  unpackedBytes: number;
}

/** Opens every page in a browser without cache, `loads` times. */
export async function measurePages(
  url: string,
  { jobId, loads }: { jobId: string; loads: number },
): Promise<PageLoad[]> {
  const executablePath = process.env.WAYBILL_CHROMIUM;
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    const found: PageLoad[] = [];
    for (const { path, usable, signedIn } of PAGES) {
      const load: PageLoad = { path, usableMs: [], scriptBytes: 0, unpackedBytes: 0 };
      for (let i = 0; i < loads; i += 1) {
        const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
        if (signedIn) await signIn(context, url);
        const page = await context.newPage();
        const started = performance.now();
        await page.goto(url + path.replace('JOB', jobId), { waitUntil: 'commit' });
        await page.locator('html[data-interactive]').waitFor();
        await page.locator(usable).first().waitFor();
        load.usableMs.push(performance.now() - started);
        Object.assign(load, await scriptsOf(page));
        await context.close();
      }
      found.push(load);
    }
    return found;
  } finally {
    await browser.close();
  }
}

async function signIn({ request }: BrowserContext, url: string): Promise<void> {
  const { email, password } = PERSON;
  const options = { data: { email, password }, headers: { origin: url } };
  const answer = await request.post(`${url}/api/auth/sign-in/email`, options);
  invariant(answer.ok(), `nobody could sign in: ${answer.status()}`);
}

/** Scripts that the page has loaded, bytes. */
async function scriptsOf(page: Page): Promise<Pick<PageLoad, 'scriptBytes' | 'unpackedBytes'>> {
  const scripts = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .filter(({ name }) => new URL(name).pathname.endsWith('.js'))
      .map((entry) => entry as PerformanceResourceTiming)
      .map(({ encodedBodySize, decodedBodySize }) => ({ encodedBodySize, decodedBodySize })),
  );
  return {
    scriptBytes: scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
    unpackedBytes: scripts.reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0),
  };
}

/** The loads as a Markdown table. */
export function pageLines(loads: readonly PageLoad[]): string[] {
  return [
    '| page, cold | usable after, median ms | slowest ms | scripts, KB | unpacked, KB |',
    '| --- | --- | --- | --- | --- |',
    ...loads.map(({ path, usableMs, scriptBytes, unpackedBytes }) => {
      const times = `${at(usableMs, 0.5).toFixed(0)} | ${at(usableMs, 1).toFixed(0)}`;
      const sizes = `${Math.round(scriptBytes / 1000)} | ${Math.round(unpackedBytes / 1000)}`;
      return `| \`${path}\` | ${times} | ${sizes} |`;
    }),
  ];
}
