import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { permits } from '../lib/domain/permissions.ts';
import { TB } from '../lib/domain/sizes.ts';
import { PEOPLE_ROLES, type PersonRole } from '../lib/domain/words.ts';
import { expect, open, signIn, test } from './world.ts';

const PASSWORD = 'correct horse battery';
const emailOf = (role: PersonRole) => `${role}@example.net`;

/** What each page offers, and what it takes to be offered it; the server is asked for the same by hand. */
const OFFERED = [
  { path: '/jobs', button: 'Create job', permission: 'job.create', asks: '/jobs' },
  { path: '/devices', button: 'Add device', permission: 'device.manage', asks: '/devices' },
  { path: '/stores', button: 'Add store', permission: 'store.manage', asks: '/stores' },
  {
    path: '/functions',
    button: 'Keep function',
    permission: 'job.create',
    asks: '/functions/count',
    method: 'PUT',
  },
  { path: '/addresses', button: 'Add address', permission: 'address.manage', asks: '/addresses' },
  {
    path: '/settings',
    button: 'Add notification target',
    permission: 'settings.manage',
    asks: '/notifications/targets',
  },
  {
    path: '/people',
    button: 'Invite person',
    permission: 'people.manage',
    asks: '/people/invitations',
  },
] as const;
/** Pages that not everybody has. */
const PAGES_OF = [
  ['/settings', 'notification.read'],
  ['/people', 'people.read'],
] as const;

test.beforeAll(async ({ world }) => {
  const api = await world.api();
  for (const role of PEOPLE_ROLES)
    await api.call('addPerson', {
      body: { name: `A ${role}`, email: emailOf(role), role, password: PASSWORD },
    });
});

for (const role of PEOPLE_ROLES) {
  test(`${role}: is offered what the role may do, and refused the rest`, async ({
    page,
    world,
  }) => {
    await signIn(page, world, { email: emailOf(role), password: PASSWORD });
    const nav = page.getByRole('navigation', { name: 'Main navigation' });
    for (const [path, permission] of PAGES_OF)
      await expect(nav.locator(`a[href="${path}"]`)).toHaveCount(permits(role, permission) ? 1 : 0);
    for (const row of OFFERED) {
      const { path, button, permission, asks } = row;
      const may = permits(role, permission);
      const answer = await page.request.fetch(`${world.console.url}/api/v1${asks}`, {
        method: 'method' in row ? row.method : 'POST',
        headers: { origin: world.console.url },
        data: {},
      });
      // Nothing was asked for properly: who may is told so, who may not learns nothing more.
      expect({ asks, status: answer.status() }).toEqual({ asks, status: may ? 400 : 403 });
      if (PAGES_OF.some(([page, needed]) => page === path && !permits(role, needed))) continue;
      await open(page, world, path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.getByText(/^Loading /)).toHaveCount(0);
      const offer = page.getByRole('button', { name: button, exact: true });
      const link = page.getByRole('link', { name: button, exact: true });
      await expect(offer.or(link).first()).toBeVisible({ visible: may });
    }
  });
}

/** Every page of the console, with something in the place of its parameters. */
function everyPage(ids: Record<string, string>): string[] {
  const folder = join(import.meta.dirname, '../app/(console)');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => basename(path) === 'page.tsx')
    .map((path) => `/${dirname(path).replace(/^\.$/, '')}`)
    .map((path) => path.replace(/\[(\w+)\]/g, (_, name: string) => ids[name] ?? name))
    .sort();
}

for (const role of PEOPLE_ROLES) {
  test(`${role}: no page asks for what the role is refused`, async ({ page, world }) => {
    test.slow();
    const api = await world.api();
    const deviceId = `SB-${role}`;
    await api.call('addDevice', { body: { id: deviceId, capacityBytes: 80 * TB } });
    const { id: jobId } = await api.call('createJob', {
      body: {
        name: `Seen by ${role}`,
        option: 'snowball',
        type: 'import',
        sizeBytes: 50 * TB,
        storeId: 'embedded',
        bucket: 'default',
      },
    });
    await signIn(page, world, { email: emailOf(role), password: PASSWORD });
    const refused: unknown[] = [];
    page.on('response', (response) => {
      if (response.status() >= 400) refused.push([page.url(), response.url(), response.status()]);
    });
    page.on('console', (message) => {
      if (message.type() === 'error') refused.push([page.url(), message.text()]);
    });
    const paths = everyPage({ jobId, deviceId });
    expect(paths.length).toBeGreaterThan(10);
    for (const path of paths) {
      await open(page, world, path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.getByText(/^Loading /)).toHaveCount(0);
    }
    await open(page, world, `/jobs/${jobId}`);
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      await expect(page.getByRole('tabpanel').getByText(/^Loading /)).toHaveCount(0);
    }
    expect(refused).toEqual([]);
  });
}
