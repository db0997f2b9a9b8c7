import { describe, expect, test } from 'vitest';
import { isRaw, ROUTE_NAMES, routeSpec } from '../../../lib/api/contract.ts';
import { API_BASE, type RouteName } from '../../../lib/api/wire.ts';
import { permits } from '../../../lib/domain/permissions.ts';
import { TB } from '../../../lib/domain/sizes.ts';
import { PEOPLE_ROLES, type Role } from '../../../lib/domain/words.ts';
import { SYSTEM } from '../../../lib/server/actors/actor.ts';
import { leases } from '../../../lib/server/db/schema/leases.ts';
import { createToken } from '../../../lib/server/people/tokens.ts';
import {
  consoleWorld,
  emailOf,
  newJobBody,
  ORIGIN,
  signIn,
} from '../../../lib/testing/console-world.ts';

/** Every route and method, as every role and as nobody. */
const CALLERS: Role[] = [...PEOPLE_ROLES, 'job', 'station'];

function requestOf(name: RouteName, jobId: string, headers: Record<string, string> = {}): Request {
  const { method, path, body } = routeSpec(name);
  const url = `${ORIGIN}${API_BASE}${path.replace('{jobId}', jobId).replace(/\{\w+\}/g, 'x')}`;
  const content = isRaw(body) ? 'x' : '{}';
  return new Request(url, { method, headers, ...(method === 'GET' ? {} : { body: content }) });
}

const codeOf = async (response: Response): Promise<string | undefined> =>
  /^application\/json\b/.test(response.headers.get('content-type') ?? '')
    ? ((await response.json()) as { error?: { code: string } }).error?.code
    : undefined;

const REFUSED = ['NotSignedIn', 'Forbidden', 'OutOfScope', 'TokenInvalid'];

test('every route refuses who may not call it, and nobody else', async () => {
  const world = await consoleWorld();
  const { send, console } = world;
  const job = await (await world.as('operator')).call('createJob', { body: newJobBody() });
  const jobToken = { kind: 'job', name: 'J', subject: job.id, role: 'job' } as const;
  const tokens = new Map<Role, string>();
  for (const role of CALLERS) {
    const token =
      role === 'job'
        ? (await createToken(console.db, SYSTEM, jobToken, new Date())).token
        : await world.token(role);
    tokens.set(role, token);
  }
  const wrong: unknown[] = [];
  for (const name of ROUTE_NAMES) {
    const { access } = routeSpec(name);
    const nobody = await codeOf(await send(requestOf(name, job.id)));
    if ((nobody === 'NotSignedIn') !== (access !== 'anyone')) wrong.push({ name, nobody });
    if (access === 'anyone') continue;
    for (const role of CALLERS) {
      const bearer = { authorization: `Bearer ${tokens.get(role)}` };
      const abort = new AbortController();
      const response = await send(
        new Request(requestOf(name, job.id, bearer), { signal: abort.signal }),
      );
      const isStream = response.headers.get('content-type') === 'text/event-stream';
      const code = isStream ? undefined : await codeOf(response);
      abort.abort();
      const reaches =
        role !== 'job' || access === 'signed-in' || routeSpec(name).path.includes('{jobId}');
      const may = access === 'signed-in' || (permits(role, access) && reaches);
      // A permitted call may still be refused by a rule of its own, such as an action's own permission.
      const ruled = name === 'createToken' || name === 'actOnJob';
      const refused = code !== undefined && REFUSED.includes(code);
      if (may ? refused && !ruled : !refused)
        wrong.push({ name, role, code, status: response.status });
    }
  }
  expect(wrong).toEqual([]);
});

/** Functions behind these routes refuse a session themselves, once the body is right, and name the command to use. */
const NAME_A_COMMAND: readonly RouteName[] = [
  ...(['changeJob', 'actOnJob', 'revealUnlockCode', 'splitJob', 'reportIncident'] as const),
  ...(['resolveIncident', 'acceptLosses', 'retryFailed', 'confirmRestored', 'destroyKey'] as const),
  ...(['addScan', 'enterSeals'] as const),
];
/** It changes nothing: it lists what there is. */
const LOOKS: readonly RouteName[] = ['sumRange'];

test.each(PEOPLE_ROLES)('a session of %s changes no disk job, by no route', async (role) => {
  const world = await consoleWorld();
  const body = newJobBody({ option: 'disk', sizeBytes: 8 * TB });
  const { id } = await (await world.as('operator')).call('createJob', { body });
  await world.browser(role);
  const cookie = await signIn(world.console, emailOf(role));
  const changing = ROUTE_NAMES.filter((name) => {
    const { method, path } = routeSpec(name);
    return method !== 'GET' && path.startsWith('/jobs/{jobId}') && !LOOKS.includes(name);
  });
  const wrong: unknown[] = [];
  for (const name of changing) {
    const code = await codeOf(await world.send(requestOf(name, id, { cookie, origin: ORIGIN })));
    const right = ['NotManageableInConsole', 'Forbidden'];
    if (NAME_A_COMMAND.includes(name)) right.push('BadRequest');
    if (!right.includes(code ?? '')) wrong.push({ name, code });
  }
  expect(wrong).toEqual([]);
  const { read } = world.console.db;
  expect(await read.select().from(leases)).toEqual([]);
});

describe('a token', () => {
  test('that is wrong, expired, revoked, or of a disabled person lets nobody in', async () => {
    const { send, console, token, as } = await consoleWorld();
    const ask = async (value: string) =>
      codeOf(await send(requestOf('me', '', { authorization: value })));
    expect(await ask('Basic YTpi')).toBe('TokenInvalid');
    expect(await ask('Bearer wbp_unknown')).toBe('TokenInvalid');
    const mine = await token('viewer');
    expect(await ask(`Bearer ${mine}`)).toBeUndefined();
    const actor = { id: 'person:viewer@example.org', role: 'viewer', channel: 'token' } as const;
    const past = {
      kind: 'person',
      name: 'old',
      subject: 'viewer@example.org',
      role: 'viewer',
    } as const;
    const expired = await createToken(
      console.db,
      actor,
      { ...past, expiresAt: new Date(Date.now() - 1000) },
      new Date(),
    );
    expect(await ask(`Bearer ${expired.token}`)).toBe('TokenExpired');
    const again = await createToken(console.db, actor, past, new Date());
    await (await as('viewer')).call('revokeToken', { params: { tokenId: again.id } });
    expect(await ask(`Bearer ${again.token}`)).toBe('TokenRevoked');
    const admin = await as('admin');
    const params = { personId: 'viewer@example.org' };
    await admin.call('changePerson', { params, body: { disabled: true } });
    expect(await ask(`Bearer ${mine}`)).toBe('TokenRevoked');
  });

  test('of a person gives what the person may do now', async () => {
    const { as } = await consoleWorld();
    const operator = await as('operator');
    const params = { personId: 'operator@example.org' };
    await (await as('admin')).call('changePerson', { params, body: { role: 'viewer' } });
    await expect(operator.call('createJob', { body: newJobBody() })).rejects.toMatchObject({
      code: 'Forbidden',
    });
  });

  test('of a job reaches no other job', async () => {
    const { as, console, send } = await consoleWorld();
    const operator = await as('operator');
    const [one, two] = [
      await operator.call('createJob', { body: newJobBody() }),
      await operator.call('createJob', { body: newJobBody() }),
    ];
    const forOne = { kind: 'job', name: 'J', subject: one.id, role: 'job' } as const;
    const { token } = await createToken(console.db, SYSTEM, forOne, new Date());
    const headers = { authorization: `Bearer ${token}` };
    expect((await send(requestOf('getJob', one.id, headers))).status).toBe(200);
    expect(await codeOf(await send(requestOf('getJob', two.id, headers)))).toBe('OutOfScope');
    expect(await codeOf(await send(requestOf('listJobs', '', headers)))).toBe('OutOfScope');
  });
});

describe('a browser', () => {
  test('is signed in by its cookie; a wrong password is refused', async () => {
    const { browser, console } = await consoleWorld();
    const page = await browser('viewer');
    expect(await page.call('me')).toMatchObject({
      email: 'viewer@example.org',
      channel: 'browser',
    });
    expect(await signIn(console, 'viewer@example.org', 'wrong password')).toBe('');
  });

  test('changes nothing for a page of another site', async () => {
    const { browser, send, console } = await consoleWorld();
    await browser('operator');
    const cookie = await signIn(console, 'operator@example.org');
    for (const origin of ['http://evil.example', '']) {
      const headers = { cookie, ...(origin ? { origin } : {}) };
      expect(await codeOf(await send(requestOf('createJob', '', headers)))).toBe('CrossSite');
    }
  });

  test('ends its session when its person is disabled', async () => {
    const { browser, as } = await consoleWorld();
    const page = await browser('viewer');
    const params = { personId: 'viewer@example.org' };
    await (await as('admin')).call('changePerson', { params, body: { disabled: true } });
    await expect(page.call('me')).rejects.toMatchObject({ code: 'NotSignedIn' });
  });
});
