import { describe, expect, test } from 'vitest';
import { consoleWorld, emailOf, PASSWORD, signIn } from '../../testing/console-world.ts';
import { AGENT_CLIENT } from '../auth/auth.ts';
import { deviceCode, rateLimit, session } from '../db/schema/auth.ts';
import { exchangeLogin } from '../people/device-login.ts';
import { pruneSignIns } from '../startup/event-retention.ts';
import { answerAuth } from './answer-auth.ts';

const ORIGIN = 'http://127.0.0.1:3000';
const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

interface Asked {
  body?: unknown;
  cookie?: string;
  address?: string;
}

/** A console, one person in it, and the way to ask its sign-in. */
async function worldOf(settings: Record<string, string> = {}) {
  const { console: context, browser } = await consoleWorld(settings);
  await browser('operator');
  const email = emailOf('operator');
  const ask = (path: string, { body, cookie, address = '192.0.2.1' }: Asked = {}) =>
    answerAuth(
      context,
      new Request(`${ORIGIN}/api/auth${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          origin: ORIGIN,
          'x-forwarded-for': address,
          ...(cookie && { cookie }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
      new Date(),
    );
  const cookieOf = () => signIn(context, email, PASSWORD);
  return { context, ask, email, cookieOf };
}

describe('what is asked of the sign-in', () => {
  test.each<[string, string, unknown, number]>([
    ['a path that is not listed', '/sign-up/email', { email: 'a@example.org' }, 404],
    [
      'a body of 17 KB',
      '/sign-in/email',
      { email: 'a@example.org', password: 'x'.repeat(17_000) },
      413,
    ],
    ['a long scope', '/device/code', { client_id: AGENT_CLIENT, scope: 'x'.repeat(201) }, 400],
    ['a member that is not known', '/device/code', { client_id: AGENT_CLIENT, user_id: 'me' }, 400],
    ['a body that is no JSON', '/sign-in/email', '{', 400],
    ['a password that is no text', '/sign-in/email', { email: 'a@example.org', password: {} }, 400],
  ])('is refused: %s', async (_, path, body, status) => {
    const { ask } = await worldOf();
    expect((await ask(path, { body })).status).toBe(status);
  });

  test('is refused as GET where it changes something', async () => {
    const { ask } = await worldOf();
    const answer = await ask('/sign-out');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('a body that never ends is given up, and one that is cut off is no error of ours', async () => {
    const { readBody } = await import('../limits/read-body.ts');
    const stalled = (start: (c: ReadableStreamDefaultController) => void) =>
      new Request(ORIGIN, {
        method: 'POST',
        body: new ReadableStream({ start }),
        duplex: 'half',
      } as RequestInit);
    const never = stalled((c) => c.enqueue(Buffer.from('a')));
    await expect(readBody(never, { bytesMax: 10, timeoutMs: 20 })).rejects.toMatchObject({
      code: 'BodyTooSlow',
    });
    const cut = stalled((c) => c.error(new Error('aborted')));
    await expect(readBody(cut, { bytesMax: 10 })).rejects.toMatchObject({ code: 'BodyIncomplete' });
  });
});

test('a form of another site is no JSON, whatever it holds', async () => {
  const { context, email } = await worldOf();
  const body = JSON.stringify({ email, password: PASSWORD });
  const request = new Request(`${ORIGIN}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body,
  });
  const answer = await answerAuth(context, request, new Date());
  expect([answer.status, answer.headers.getSetCookie()]).toEqual([400, []]);
});

describe('guessing', () => {
  test('one account is not guessed at from many addresses', async () => {
    const { ask, email } = await worldOf({ WAYBILL_SIGN_INS_PER_MINUTE: '1' });
    const answers: number[] = [];
    for (let i = 0; i < 12; i += 1) {
      const body = { email: i % 2 ? email : email.toUpperCase(), password: `guess ${i}` };
      answers.push((await ask('/sign-in/email', { body, address: `192.0.2.${i}` })).status);
    }
    expect(answers).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    const one = await ask('/sign-in/email', {
      address: '192.0.2.99',
      body: { email: 'b@example.org', password: 'guess' },
    });
    expect(one.status, 'another account').toBe(401);
  });

  test('logins of programs are made at a pace, and are forgotten when they ran out', async () => {
    const { ask, context } = await worldOf({ WAYBILL_SIGN_INS_PER_MINUTE: '2' });
    const body = { client_id: AGENT_CLIENT };
    const answers = [];
    for (let i = 0; i < 3; i += 1) answers.push((await ask('/device/code', { body })).status);
    expect(answers).toEqual([200, 200, 429]);
    const { read } = context.db;
    expect(await read.select().from(deviceCode)).toHaveLength(2);
    expect(await read.select().from(rateLimit)).not.toEqual([]);
    await pruneSignIns(context.db, new Date(Date.now() + 3 * 3_600_000));
    expect(await read.select().from(deviceCode)).toEqual([]);
    expect(await read.select().from(rateLimit)).toEqual([]);
  });
});

describe('a session', () => {
  test('is in no answer that a script can read', async () => {
    const { ask, email, cookieOf } = await worldOf();
    const signedIn = await ask('/sign-in/email', { body: { email, password: PASSWORD } });
    const cookie = await cookieOf();
    const session = await ask('/get-session', { cookie });
    const told = [await signedIn.text(), await session.text()];
    expect(told[1]).toContain(email);
    const token = decodeURIComponent(cookie.split('=')[1] ?? '').split('.')[0] ?? '';
    expect(token.length).toBeGreaterThan(20);
    for (const text of told) expect(text).not.toMatch(/"token"/);
    expect(told[1]).not.toContain(token);
  });

  test('of a browser becomes no access token; that of a device login does, once', async () => {
    const { ask, context, cookieOf } = await worldOf();
    const cookie = await cookieOf();
    const ofBrowser = decodeURIComponent(cookie.split('=')[1] ?? '').split('.')[0] ?? '';
    const exchange = (session: string) =>
      exchangeLogin(context.db, { session, name: 'laptop' }, new Date());
    await expect(exchange(ofBrowser)).rejects.toMatchObject({ code: 'NotSignedIn' });
    expect((await (await ask('/get-session', { cookie })).text()).length).toBeGreaterThan(10);

    const asked = { client_id: AGENT_CLIENT };
    const codes = (await (await ask('/device/code', { body: asked })).json()) as Record<
      string,
      string
    >;
    await ask(`/device?user_code=${codes.user_code}`, { cookie });
    await ask('/device/approve', { cookie, body: { userCode: codes.user_code } });
    const grant = { ...asked, grant_type: GRANT, device_code: codes.device_code };
    const granted = (await (await ask('/device/token', { body: grant })).json()) as {
      access_token: string;
    };
    expect(await exchange(granted.access_token)).toMatchObject({ token: expect.any(String) });
    await expect(exchange(granted.access_token)).rejects.toMatchObject({ code: 'NotSignedIn' });
  });

  test('ends with the change of the password, but for the one that changed it', async () => {
    const { ask, email, cookieOf } = await worldOf();
    const [mine, other] = [await cookieOf(), await cookieOf()];
    const body = {
      currentPassword: PASSWORD,
      newPassword: 'another long password',
      revokeOtherSessions: false,
    };
    const changed = await ask('/change-password', { cookie: mine, body });
    expect(changed.status).toBe(200);
    expect(await (await ask('/get-session', { cookie: other })).text()).toBe('null');
    const next = changed.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    expect(await (await ask('/get-session', { cookie: next })).text()).toContain(email);
  });
});

test('an address that the asker made up is neither counted nor noted', async () => {
  const { context, ask, email } = await worldOf();
  const address = '198.51.100.9, 192.0.2.7';
  const body = { email, password: PASSWORD };
  expect((await ask('/sign-in/email', { body, address })).status).toBe(200);
  const sessions = await context.db.read.select().from(session);
  expect(sessions.map(({ ipAddress }) => ipAddress)).toContain('192.0.2.7');
  const noted = JSON.stringify([sessions, await context.db.read.select().from(rateLimit)]);
  expect(noted).not.toContain('198.51.100.9');
});
