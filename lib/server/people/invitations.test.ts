import { expect, test } from 'vitest';
import { consoleWorld, signIn } from '../../testing/console-world.ts';
import { mailReceiver } from '../../testing/loopback-servers.ts';
import { session } from '../db/schema/auth.ts';
import { invitations } from '../db/schema/invitations.ts';

const guest = { name: 'Grace', email: 'grace@example.org', role: 'operator' as const };
const password = 'a new long password';
const tokenIn = (text: string | null | undefined) => /#(wbp_[\w-]+)/.exec(text ?? '')?.[1] ?? '';

test('an invitation works once, and its link is kept by nobody', async () => {
  const { as, console } = await consoleWorld();
  const admin = await as('admin');
  const { link, mailed, problem } = await admin.call('invitePerson', { body: guest });
  expect({ mailed, problem }).toEqual({ mailed: false, problem: 'no mail server is set' });
  const token = tokenIn(link);
  expect(JSON.stringify(await console.db.read.select().from(invitations))).not.toContain(token);
  expect((await admin.call('listInvitations')).invitations).toHaveLength(1);
  expect(await admin.call('readInvitation', { body: { token } })).toMatchObject({ name: 'Grace' });
  await admin.call('acceptInvitation', { body: { token, password } });
  expect(await signIn(console, guest.email, password)).not.toBe('');
  const again = admin.call('acceptInvitation', { body: { token, password } });
  await expect(again).rejects.toMatchObject({ code: 'InvitationInvalid' });
  await expect(admin.call('invitePerson', { body: guest })).rejects.toMatchObject({
    code: 'EmailTaken',
  });
});

test('a link that is replaced, withdrawn or too old is void', async () => {
  const { as, console } = await consoleWorld();
  const admin = await as('admin');
  const first = await admin.call('invitePerson', { body: guest });
  const second = await admin.call('invitePerson', { body: guest });
  const read = (link: string | null) =>
    admin.call('readInvitation', { body: { token: tokenIn(link) } });
  await expect(read(first.link)).rejects.toMatchObject({ code: 'InvitationInvalid' });
  await admin.call('revokeInvitation', { params: { invitationId: second.id } });
  await expect(read(second.link)).rejects.toMatchObject({ code: 'InvitationInvalid' });
  const third = await admin.call('invitePerson', { body: guest });
  await console.db.transaction(async (tx) => {
    await tx.update(invitations).set({ expiresAt: '2020-01-01T00:00:00.000Z' });
  });
  await expect(read(third.link)).rejects.toMatchObject({ code: 'InvitationInvalid' });
});

test('a mailed link gives a new password and ends the sessions', async () => {
  const { as, browser, console } = await consoleWorld();
  const admin = await as('admin');
  const page = await browser('viewer');
  const { port, mails } = await mailReceiver();
  const smtp = { host: '127.0.0.1', port, security: 'none' as const, from: 'w@example.org' };
  const signedIn = { ...smtp, user: 'waybill', password: 'secret' };
  await admin.call('changeNotificationSettings', { body: { smtp: signedIn } });
  const params = { personId: 'viewer@example.org' };
  const issued = await admin.call('offerNewPassword', { params });
  expect(issued).toMatchObject({ mailed: true, link: null });
  const token = tokenIn(mails[0]?.replaceAll('=\r\n', ''));
  await admin.call('acceptInvitation', { body: { token, password } });
  await expect(page.call('me')).rejects.toMatchObject({ code: 'NotSignedIn' });
  expect(await signIn(console, 'viewer@example.org', password)).not.toBe('');
});

test('sessions are listed and ended, and the database holds no token of them', async () => {
  const { as, browser, console } = await consoleWorld();
  const [page, other] = [await browser('viewer'), await browser('viewer')];
  const { sessions } = await page.call('listSessions');
  expect(sessions.map(({ current }) => current).sort()).toEqual([false, true]);
  const [row] = await console.db.read.select().from(session);
  expect(row?.token).toMatch(/^[0-9a-f]{64}$/);
  const theirs = sessions.find(({ current }) => !current)?.id ?? '';
  await page.call('endSession', { params: { sessionId: theirs } });
  await expect(other.call('me')).rejects.toMatchObject({ code: 'NotSignedIn' });
  const operator = await as('operator');
  const foreign = { query: { personId: 'viewer@example.org' } };
  await expect(operator.call('listSessions', foreign)).rejects.toMatchObject({ code: 'Forbidden' });
  await (await as('admin')).call('endSessionsOf', { params: { personId: 'viewer@example.org' } });
  await expect(page.call('me')).rejects.toMatchObject({ code: 'NotSignedIn' });
});

test('who guesses at links is slowed down', async () => {
  const { as, console } = await consoleWorld();
  console.config.signInsPerMinute = 3;
  const admin = await as('admin');
  const codes: string[] = [];
  for (let i = 0; i < 5; i += 1) {
    const guess = admin.call('readInvitation', { body: { token: `wbp_${i}` } });
    codes.push(
      await guess.then(
        () => 'ok',
        (error: { code: string }) => error.code,
      ),
    );
  }
  expect(codes).toEqual([
    ...Array<string>(3).fill('InvitationInvalid'),
    ...Array<string>(2).fill('TooManyRequests'),
  ]);
});
