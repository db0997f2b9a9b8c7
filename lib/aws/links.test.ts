import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { signValue } from '../keys/signed-text.ts';
import { SYSTEM } from '../server/actors/actor.ts';
import { devices } from '../server/db/schema/devices.ts';
import { jobs } from '../server/db/schema/jobs.ts';
import { changePerson } from '../server/people/people.ts';
import { consoleWorld, emailOf, newJobBody } from '../testing/console-world.ts';
import { LINK_MS, LINK_PATH, makeLink, serveLink } from './links.ts';

const NOW = new Date();

/** A job, and a link to its packing slip for an operator; the token is what the URL ends with. */
async function linked() {
  const world = await consoleWorld();
  const { console: context } = world;
  await world.as('admin');
  const operator = await world.as('operator');
  const { id: jobId } = await operator.call('createJob', { body: newJobBody() });
  const { db } = context;
  await db.transaction(async (tx) => {
    const createdAt = NOW.toISOString();
    const row = { id: 'SB-1', owner: 'provider', capacityBytes: 80e12, jobId, createdAt } as const;
    await tx.insert(devices).values({ ...row, state: 'at-site' });
    await tx.update(jobs).set({ deviceId: 'SB-1', sealed: true }).where(eq(jobs.id, jobId));
  });
  const people = await db.read.query.user.findMany();
  const person = people.find(({ email }) => email === emailOf('operator'));
  const actor = { id: `person:${person?.id}`, role: 'operator', channel: 'token' } as const;
  const { url, until } = makeLink(context, actor, { kind: 'packing-slip', jobId }, NOW);
  const token = url.slice(`${context.config.publicUrl}${LINK_PATH}`.length);
  return { context, jobId, actor, token, until, personId: person?.id ?? '' };
}

test('a link gives its file until an hour is over, and not after', async () => {
  const { context, jobId, token, until } = await linked();
  expect(until.getTime() - NOW.getTime()).toBe(LINK_MS);
  const last = await serveLink(context, token, new Date(until.getTime() - 1));
  expect(last.headers.get('content-disposition')).toContain(`${jobId}-packing-slip.pdf`);
  await expect(serveLink(context, token, until)).rejects.toMatchObject({
    code: 'LinkExpired',
    facts: { at: until.toISOString() },
  });
});

test('a link that was changed, or signed for something else, is none', async () => {
  const { context, jobId, actor, token, until } = await linked();
  const link = { kind: 'packing-slip', jobId, actor: actor.id, until: until.getTime() + LINK_MS };
  const [payload = '', signature = ''] = token.split('.');
  const forged = [
    `${Buffer.from(JSON.stringify(link)).toString('base64url')}.${signature}`,
    `${payload}.${'A'.repeat(signature.length)}`,
    signValue(context.linkSecret, 'aws-page:jobs', link),
    signValue(Buffer.alloc(32), 'aws-link', link),
    payload,
    '',
  ];
  for (const each of forged)
    await expect(serveLink(context, each, NOW)).rejects.toMatchObject({ code: 'LinkInvalid' });
});

test('a link of somebody who may not sign in any more is none', async () => {
  const { context, personId, token } = await linked();
  await changePerson(context.db, SYSTEM, personId, { disabled: true }, NOW);
  await expect(serveLink(context, token, NOW)).rejects.toMatchObject({ code: 'LinkInvalid' });
});

test('a link gives nothing that its person may not have any more', async () => {
  const { context, personId, token } = await linked();
  await changePerson(context.db, SYSTEM, personId, { role: 'viewer' }, NOW);
  await expect(serveLink(context, token, NOW)).rejects.toMatchObject({ code: 'Forbidden' });
});
