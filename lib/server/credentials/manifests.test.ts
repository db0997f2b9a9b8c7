import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { TB } from '../../domain/sizes.ts';
import { unlockManifest } from '../../keys/manifest/manifest.ts';
import { as } from '../../testing/console-database.ts';
import { consoleWorld, newJobBody } from '../../testing/console-world.ts';
import type { Actor } from '../actors/actor.ts';
import { custodyOf } from '../custody/log.ts';
import { jobCredentials } from '../db/schema/credentials.ts';
import { devices } from '../db/schema/devices.ts';
import { jobs } from '../db/schema/jobs.ts';
import { accessTokens } from '../db/schema/tokens.ts';
import { createJob } from '../jobs/create-job.ts';
import type { Job } from '../jobs/job.ts';
import { actorOfToken } from '../people/tokens.ts';
import {
  announceManifestLink,
  issueManifest,
  MANIFEST_DAYS,
  revealUnlockCode,
} from './manifests.ts';

test('manifest and unlock code are not released while the device is set aside', async () => {
  const world = await consoleWorld();
  const operator = await world.as('operator');
  const facility = await world.as('facility');
  const { id: jobId } = await operator.call('createJob', { body: newJobBody() });
  await world.console.db.transaction(async (tx) => {
    const deviceId = 'SB-1';
    const createdAt = new Date().toISOString();
    const device = { id: deviceId, owner: 'provider', capacityBytes: 80e12 } as const;
    await tx.insert(devices).values({ ...device, state: 'at-site', jobId, createdAt });
    await tx.update(jobs).set({ state: 'at-site', deviceId }).where(eq(jobs.id, jobId));
  });
  const params = { jobId };
  const isOffered = async () => (await operator.call('getJob', { params })).credentialsAvailable;
  expect(await isOffered()).toBe(true);
  // A copy that stopped needs them to go on.
  await operator.call('reportIncident', { params, body: { kind: 'copy-failed' } });
  expect(await isOffered()).toBe(true);
  await facility.call('reportIncident', { params, body: { kind: 'seal-differs' } });
  expect(await isOffered()).toBe(false);
  const refused = { code: 'PreconditionFailed' };
  await expect(operator.call('revealUnlockCode', { params })).rejects.toMatchObject(refused);
  await expect(operator.call('getManifest', { params })).rejects.toMatchObject(refused);
  await facility.call('resolveIncident', { params, body: {} });
  expect((await operator.call('revealUnlockCode', { params })).unlockCode).toMatch(/^\w{5}-/);
});

const NOW = new Date();
const DAY_MS = 86_400_000;

/** A console, and a job whose device is at its site unless the change says otherwise. */
async function atSite(change: Partial<Job> = {}, asked: Parameters<typeof newJobBody>[0] = {}) {
  const { console: context } = await consoleWorld();
  const { db } = context;
  const { id: jobId } = await createJob(db, as('admin'), newJobBody(asked), NOW);
  await db.transaction(async (tx) => {
    await tx.insert(devices).values({
      id: 'SB-1',
      owner: 'provider',
      capacityBytes: 80e12,
      state: 'at-site',
      jobId,
      createdAt: NOW.toISOString(),
    });
    const row = { state: 'at-site', deviceId: 'SB-1', ...change } as const;
    await tx.update(jobs).set(row).where(eq(jobs.id, jobId));
  });
  const lastEntry = async () => (await custodyOf(db.read, jobId)).at(-1);
  const written = async () => ({
    keys: await db.read.select().from(jobCredentials),
    tokens: await db.read.select().from(accessTokens).where(eq(accessTokens.kind, 'job')),
    custody: await custodyOf(db.read, jobId),
  });
  return { context, jobId, lastEntry, written };
}

test('the unlock code opens the manifest of its job', async () => {
  const { context, jobId } = await atSite();
  const der = await issueManifest(context, as('operator'), jobId, NOW);
  const code = await revealUnlockCode(context, as('operator'), jobId, NOW);
  const { payload, secrets } = await unlockManifest(new Uint8Array(der), code);
  expect(payload).toMatchObject({ jobId, deviceId: 'SB-1', volumeKind: 'sealed' });
  expect(secrets.jobKey).toHaveLength(32);
});

test('a manifest holds a token of its job and nothing else, which ends when it does', async () => {
  const { context, jobId } = await atSite();
  const der = await issueManifest(context, as('operator'), jobId, NOW);
  const code = await revealUnlockCode(context, as('operator'), jobId, NOW);
  const { payload, secrets } = await unlockManifest(new Uint8Array(der), code);
  const token = secrets.jobToken ?? '';
  expect(await actorOfToken(context.db, token, NOW)).toMatchObject({ role: 'job', jobId });
  const end = new Date(NOW.getTime() + MANIFEST_DAYS * DAY_MS);
  expect(payload.expiresAt).toBe(end.toISOString());
  const late = actorOfToken(context.db, token, end);
  await expect(late).rejects.toMatchObject({ code: 'TokenExpired' });
});

test('each manifest has a fresh token, and the keys of the first', async () => {
  const { context, jobId, written } = await atSite();
  await issueManifest(context, as('operator'), jobId, NOW);
  const { keys } = await written();
  await issueManifest(context, as('operator'), jobId, NOW);
  const after = await written();
  expect(after.keys).toEqual(keys);
  expect(after.tokens).toHaveLength(2);
});

test('the custody log records each manifest with the id of its token, and never a secret', async () => {
  const { context, jobId, lastEntry, written } = await atSite();
  await issueManifest(context, as('operator'), jobId, NOW);
  const [token] = (await written()).tokens;
  expect(await lastEntry()).toMatchObject({
    kind: 'credentials.manifest',
    actor: 'person:operator',
    deviceId: 'SB-1',
    detail: { tokenId: token?.id },
  });
});

test('the custody log records that an unlock code was shown, and not the code', async () => {
  const { context, jobId, lastEntry } = await atSite();
  const code = await revealUnlockCode(context, as('operator', 'browser'), jobId, NOW);
  const entry = await lastEntry();
  expect(entry).toMatchObject({ kind: 'credentials.unlock-code', channel: 'browser', detail: {} });
  expect(JSON.stringify(entry)).not.toContain(code);
});

test('the custody log records a link to a manifest, and until when it is good', async () => {
  const { context, jobId, lastEntry } = await atSite();
  const until = new Date(NOW.getTime() + DAY_MS);
  await announceManifestLink(context, as('operator'), { jobId, until }, NOW);
  expect(await lastEntry()).toMatchObject({
    kind: 'credentials.link',
    detail: { what: 'manifest', until: until.toISOString() },
  });
});

test('a job that has ended gives a manifest without a token', async () => {
  const archive = { option: 'disk', sizeBytes: TB, archive: 'device' } as const;
  const { context, jobId, written } = await atSite({ state: 'completed', ...archive });
  const der = await issueManifest(context, as('operator'), jobId, NOW);
  const code = await revealUnlockCode(context, as('operator'), jobId, NOW);
  expect((await unlockManifest(new Uint8Array(der), code)).secrets.jobToken).toBeNull();
  expect((await written()).tokens).toEqual([]);
});

/** Who gets nothing, and why. */
const REFUSED: [string, { code: string; change?: Partial<Job>; actor?: Actor }][] = [
  ['somebody who only looks', { code: 'Forbidden', actor: as('viewer') }],
  ['a facility', { code: 'Forbidden', actor: as('facility') }],
  ['a token of another job', { code: 'OutOfScope', actor: { ...as('admin'), jobId: 'JID-other' } }],
  [
    'of a device that is on its way',
    { code: 'CredentialsNotAvailable', change: { state: 'in-transit-to-site' } },
  ],
  ['of a job that is over', { code: 'CredentialsNotAvailable', change: { state: 'completed' } }],
  ['of a job without a device', { code: 'CredentialsNotAvailable', change: { deviceId: null } }],
  [
    'of a disk job in a browser',
    {
      code: 'NotManageableInConsole',
      change: { option: 'disk', sizeBytes: TB },
      actor: as('operator', 'browser'),
    },
  ],
];

for (const [title, { code, change, actor = as('operator') }] of REFUSED) {
  test(`refuses credentials: ${title}; makes no keys, no token and no entry`, async () => {
    const { context, jobId, written } = await atSite(change);
    const before = await written();
    const until = NOW;
    for (const asked of [
      issueManifest(context, actor, jobId, NOW),
      revealUnlockCode(context, actor, jobId, NOW),
      announceManifestLink(context, actor, { jobId, until }, NOW),
    ])
      await expect(asked).rejects.toMatchObject({ code });
    expect(await written()).toEqual(before);
  });
}
