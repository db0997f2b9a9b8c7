import { expect, test } from 'vitest';
import { consoleWorld } from '../../testing/console-world.ts';
import { SYSTEM } from '../actors/actor.ts';
import { createAccessKey, openAccessKey } from './access-keys.ts';
import { invite, readInvitation } from './invitations.ts';
import { addPerson } from './people.ts';
import { actorOfToken, createToken } from './tokens.ts';

const NOW = new Date('2026-01-02T03:04:05Z');
const MAKER = {
  name: 'M',
  email: 'maker@example.org',
  role: 'admin',
  password: 'a long password',
} as const;
const personId = MAKER.email;
const maker = { id: `person:${personId}`, role: 'admin', channel: 'token' } as const;
const guest = { name: 'Grace', email: 'grace@example.org', role: 'admin' } as const;

async function made() {
  const { console, as } = await consoleWorld();
  const admin = await as('admin');
  await addPerson(console.db, SYSTEM, MAKER, NOW);
  const own = { kind: 'person', name: 'x', subject: personId, role: 'admin' } as const;
  const { token } = await createToken(console.db, maker, own, NOW);
  const key = await createAccessKey(console, maker, { name: 'x' }, NOW);
  const { link } = await invite(console, maker, guest, NOW);
  const change = (body: { disabled?: boolean; role?: 'viewer' }) =>
    admin.call('changePerson', { params: { personId }, body });
  const useToken = () => actorOfToken(console.db, token, NOW);
  const readLink = () => readInvitation(console.db.read, link?.split('#')[1] ?? '', NOW);
  return { console, change, key, readLink, useToken };
}

test('what a disabled person made is void, also when they come back', async () => {
  const { console, change, key, readLink, useToken } = await made();
  expect(await useToken()).toMatchObject({ role: 'admin' });
  expect(await readLink()).toMatchObject({ email: guest.email });
  await change({ disabled: true });
  await change({ disabled: false });
  await expect(useToken()).rejects.toMatchObject({ code: 'TokenRevoked' });
  expect(await openAccessKey(console, key.id, NOW)).toBeUndefined();
  await expect(readLink()).rejects.toMatchObject({ code: 'InvitationInvalid' });
});

test('who manages people no longer loses their links; their token has the role they have', async () => {
  const { console, change, key, readLink, useToken } = await made();
  await change({ role: 'viewer' });
  await expect(readLink()).rejects.toMatchObject({ code: 'InvitationInvalid' });
  expect(await useToken()).toMatchObject({ role: 'viewer' });
  expect(await openAccessKey(console, key.id, NOW)).toMatchObject({ actor: { role: 'viewer' } });
});
