import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, test as base, expect, type Page } from '@playwright/test';
import { type Client, createClient } from '../lib/api/client.ts';
import {
  AGENT,
  type ConsoleProcess,
  freePort,
  startConsole,
} from '../lib/launch/console/console-process.ts';

export { expect };

export const ADMIN = { name: 'Ada', email: 'ada@example.org', password: 'correct horse battery' };
export const VIEWER = { name: 'Vi', email: 'vi@example.org', password: 'correct horse battery' };
export const OPERATOR = {
  name: 'Olga',
  email: 'olga@example.net',
  password: 'correct horse battery',
};
const FACILITY = { name: 'Fritz', email: 'fritz@example.net', password: 'correct horse battery' };

/** A real console with its embedded station, in a directory of its own. */
export interface World {
  console: ConsoleProcess;
  dir: string;
  dataDir: string;
  /** Makes the simulated device of an id; where the station looks for it. */
  device(id: string): string;
  /** Runs the agent as a process of its own at the site, to its good end; what it said otherwise is the error. */
  agent(...args: string[]): Promise<void>;
  /** A client of the API with a token of the administrator. */
  api(): Promise<Client>;
  tokenFile: string;
}

export const test = base.extend<{ signedIn: Page }, { world: World }>({
  world: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures from the pattern
    async ({}, use) => {
      const dir = mkdtempSync(join(tmpdir(), 'waybill-e2e-'));
      const world = await startWorld(dir);
      await use(world);
      await world.console.stop();
      rmSync(dir, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  signedIn: async ({ page, world }, use) => {
    await signIn(page, world, ADMIN);
    await use(page);
  },
});

/** Starts a world in an empty directory. */
export async function startWorld(dir: string, signInsPerMinute = 1000): Promise<World> {
  const dataDir = join(dir, 'data');
  const env = {
    WAYBILL_LOG: 'error',
    WAYBILL_SIGN_INS_PER_MINUTE: String(signInsPerMinute),
  };
  const port = await freePort();
  const options = { host: '127.0.0.1', port, dataDir, station: true, log: 'hide' } as const;
  const console = await startConsole({ ...options, env });
  const token = console.setupLink?.split('#')[1] ?? '';
  const nobody = createClient({ baseUrl: console.url });
  await nobody.call('setUp', { body: { token, ...ADMIN } });
  const tokenFile = join(dir, 'token');
  // Not in a synchronous way: meanwhile the console closes connections that wait for the next request.
  const made = await promisify(execFile)(process.execPath, [
    AGENT.replace('waybill.mjs', 'waybill-admin.mjs'),
    '--data',
    dataDir,
    'create-access-token',
    ADMIN.email,
  ]);
  writeFileSync(tokenFile, made.stdout, { mode: 0o600 });
  const api = createClient({ baseUrl: console.url, token: made.stdout.trim() });
  await api.call('addPerson', { body: { ...VIEWER, role: 'viewer' } });
  return {
    console,
    dir,
    dataDir,
    tokenFile,
    device: (id) => {
      const path = join(dataDir, 'dock', id);
      mkdirSync(path);
      return path;
    },
    agent: (...args) => {
      const state = { WAYBILL_STATE: join(dir, 'site-state') };
      const { PATH, HOME } = process.env;
      const env = { PATH, HOME, NODE_ENV: 'production' as const, ...state };
      // Not in a synchronous way: meanwhile the console closes connections that wait for the next request.
      return new Promise((resolve, reject) => {
        execFile(process.execPath, [AGENT, ...args], { env }, (error, stdout, stderr) => {
          if (error || stderr) reject(new Error(`${error?.message}\n${stdout}\n${stderr}`));
          else resolve();
        });
      });
    },
    api: async () => api,
  };
}

/** Opens a page and waits until it hears clicks. */
export async function open(page: Page, { console }: World, path: string): Promise<void> {
  await page.goto(console.url + path);
  await page.locator('html[data-interactive]').waitFor();
}

/** Signs in as a person does. */
export async function signIn(
  page: Page,
  world: World,
  person: { email: string; password: string },
): Promise<void> {
  await open(page, world, '/sign-in');
  await page.getByLabel('E-mail address').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
}

/** Signs the operator in on this page, and somebody of the facility in a browser of their own. */
export async function signInBoth(browser: Browser, page: Page, world: World): Promise<Page> {
  const api = await world.api();
  const { people } = await api.call('listPeople');
  const roles = [
    [OPERATOR, 'operator'],
    [FACILITY, 'facility'],
  ] as const;
  for (const [person, role] of roles) {
    if (people.some(({ email }) => email === person.email)) continue;
    await api.call('addPerson', { body: { ...person, role } });
  }
  const facility = await (await browser.newContext()).newPage();
  await signIn(page, world, OPERATOR);
  await signIn(facility, world, FACILITY);
  return facility;
}

/** What the server says to a person who asks for what their page does not offer. */
export async function requestByHand(
  page: Page,
  { console }: World,
  path: string,
  data: object,
): Promise<number> {
  const headers = { origin: console.url };
  return (await page.request.post(`${console.url}/api/v1${path}`, { headers, data })).status();
}

/** Presses an action of the job page and confirms it. */
export async function act(
  page: Page,
  label: string,
  shipment?: { carrier: string; seals?: string },
): Promise<void> {
  await page.getByRole('button', { name: label, exact: true }).first().click();
  const dialog = page.getByRole('dialog');
  if (shipment) await dialog.getByLabel('Carrier').fill(shipment.carrier);
  if (shipment?.seals) await dialog.getByLabel('tamper seals').fill(shipment.seals);
  await dialog.getByRole('button', { name: label, exact: true }).click();
  await expect(dialog).toBeHidden();
}

/** Opens the menu of a row or page and chooses from it. */
export async function choose(page: Page, menu: string, item: string): Promise<void> {
  await page.getByRole('button', { name: menu, exact: true }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

/** Presses the button of the dialog and waits until it has done its work. */
export async function confirm(page: Page, button: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: button, exact: true }).click();
  await expect(dialog).toBeHidden();
}

/** Waits until the job has come to a state, without loading the page anew. */
export async function reaches(page: Page, state: string): Promise<void> {
  await expect(page.locator('[data-job-state]')).toHaveText(state, { timeout: 180_000 });
}

/** Shows a part of the job page. */
export async function showPart(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name }).click();
}

/** Takes manifest and unlock code from the page, as files for the site. */
export async function takeCredentials(
  page: Page,
  { dir }: World,
): Promise<{ manifest: string; codeFile: string }> {
  await showPart(page, 'Credentials');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download manifest' }).click();
  const file = await download;
  const manifest = join(dir, file.suggestedFilename());
  await file.saveAs(manifest);
  await page.getByRole('button', { name: 'Reveal unlock code' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Reveal', exact: true }).click();
  const code = await dialog.getByText(/^([0-9A-Z]{5}-){4}[0-9A-Z]{5}$/).textContent();
  await dialog.getByRole('button', { name: 'Done' }).click();
  const codeFile = join(dir, `${file.suggestedFilename()}.code`);
  writeFileSync(codeFile, `${code}\n`, { mode: 0o600 });
  return { manifest, codeFile };
}

/** Goes on in the wizard, a step at a time, until the one with this title is shown. */
export async function stepTo(page: Page, title: string): Promise<void> {
  const heading = page.getByRole('heading', { level: 1 });
  while (!(await heading.textContent())?.startsWith(title)) {
    const before = (await heading.textContent()) ?? '';
    await page.getByRole('button', { name: 'Next' }).click();
    await expect(heading).not.toHaveText(before);
  }
}

/** Goes through the wizard. */
export async function createJob(
  page: Page,
  world: World,
  job: { name: string; type: 'Import' | 'Export'; bucket: string },
): Promise<string> {
  await open(page, world, '/jobs/new');
  await page.getByRole('radio', { name: job.type, exact: true }).check();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Bucket', { exact: true }).fill(job.bucket);
  await stepTo(page, 'Name and review');
  await page.getByLabel('Name of the job').fill(job.name);
  await page.getByRole('button', { name: 'Create job' }).click();
  await page.waitForURL(/\/jobs\/JID/);
  return page.url().split('/').at(-1) ?? '';
}

/** The text of a file. */
export const readText = (path: string): string => readFileSync(path, 'utf8');
