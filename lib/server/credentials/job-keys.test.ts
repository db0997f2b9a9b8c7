import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { TB } from '../../domain/sizes.ts';
import { keyFits, verifyChain } from '../../keys/certificates.ts';
import { as } from '../../testing/console-database.ts';
import { consoleWorld, newJobBody } from '../../testing/console-world.ts';
import { jobCredentials } from '../db/schema/credentials.ts';
import { createJob } from '../jobs/create-job.ts';
import { jobContext, openJobCredentials } from './job-keys.ts';

const NOW = new Date();

/** A console, and a job that was asked for so. */
async function jobOf(changes: Parameters<typeof newJobBody>[0] = {}) {
  const { console: keys } = await consoleWorld();
  const make = () => createJob(keys.db, as('admin'), newJobBody(changes), NOW);
  const rows = () => keys.db.read.select().from(jobCredentials);
  return { keys, make, rows, job: await make() };
}

test('makes keys at first need, and keeps them: later the same are opened', async () => {
  const { keys, rows, job } = await jobOf();
  expect(await rows()).toEqual([]);
  const first = await openJobCredentials(keys, job, NOW);
  const kept = await rows();
  expect(await openJobCredentials(keys, job, NOW)).toEqual(first);
  expect(await rows()).toEqual(kept);
  expect(kept).toMatchObject([{ jobId: job.id, keyDestroyedAt: null }]);
});

test('gives all who ask at once the keys of the first', async () => {
  const { keys, rows, job } = await jobOf();
  const ask = () => openJobCredentials(keys, job, NOW);
  const [one, ...others] = await Promise.all([ask(), ask(), ask()]);
  expect(others).toEqual([one, one]);
  expect(await rows()).toHaveLength(1);
});

test('keeps no secret in clear', async () => {
  const { keys, rows, job } = await jobOf();
  const { jobKey, signer, unlockCode } = await openJobCredentials(keys, job, NOW);
  const kept = JSON.stringify(await rows());
  expect(kept).not.toContain(jobKey?.toString('base64'));
  expect(kept).not.toContain(unlockCode);
  expect(kept).not.toContain(signer.privateKeyPem.split('\n')[1]);
});

test('gives each job keys of its own', async () => {
  const { keys, make, job } = await jobOf();
  const one = await openJobCredentials(keys, job, NOW);
  const two = await openJobCredentials(keys, await make(), NOW);
  expect(one.jobKey).toHaveLength(32);
  expect(two.jobKey?.equals(one.jobKey ?? Buffer.alloc(0))).toBe(false);
  expect(two.unlockCode).not.toBe(one.unlockCode);
});

test('makes no key for a bag, which is not encrypted', async () => {
  const { keys, rows, job } = await jobOf({ option: 'disk', sizeBytes: TB, encrypted: false });
  expect(await openJobCredentials(keys, job, NOW)).toMatchObject({ jobKey: null });
  expect(await rows()).toMatchObject([{ wrappedJobKey: null }]);
});

test('signs with a certificate of the job that the installation vouches for', async () => {
  const { keys, job } = await jobOf();
  const { signer } = await openJobCredentials(keys, job, NOW);
  expect(keyFits(signer)).toBe(true);
  const check = (jobId: string) =>
    verifyChain(signer.certificatePem, keys.authority.certificatePem, {
      signer: { role: 'job', jobId },
      now: NOW,
    });
  check(job.id);
  expect(() => check('JID-other')).toThrow(expect.objectContaining({ code: 'SignatureInvalid' }));
});

test('opens no key that was moved here from another job', async () => {
  const { keys, make, job } = await jobOf();
  const other = await make();
  await openJobCredentials(keys, job, NOW);
  await openJobCredentials(keys, other, NOW);
  await keys.db.transaction(async (tx) => {
    const [row] = await tx.select().from(jobCredentials).where(eq(jobCredentials.jobId, other.id));
    const theirs = { wrappedJobKey: row?.wrappedJobKey ?? '' };
    await tx.update(jobCredentials).set(theirs).where(eq(jobCredentials.jobId, job.id));
  });
  const opened = openJobCredentials(keys, job, NOW);
  await expect(opened).rejects.toMatchObject({ code: 'KeyUnavailable' });
});

test('binds each secret to what it is for', async () => {
  const { keys, rows, job } = await jobOf();
  await openJobCredentials(keys, job, NOW);
  const [row] = await rows();
  const opened = keys.kms.unwrap(row?.wrappedUnlockCode ?? '', jobContext(job.id, 'job-key'));
  await expect(opened).rejects.toMatchObject({ code: 'KeyUnavailable' });
});

test('says when the key was destroyed, and makes no other', async () => {
  const { keys, rows, job } = await jobOf();
  await openJobCredentials(keys, job, NOW);
  const keyDestroyedAt = NOW.toISOString();
  await keys.db.transaction(async (tx) => {
    await tx.update(jobCredentials).set({ wrappedJobKey: null, keyDestroyedAt });
  });
  const before = await rows();
  await expect(openJobCredentials(keys, job, NOW)).rejects.toMatchObject({
    code: 'KeyDestroyed',
    facts: { jobId: job.id, at: keyDestroyedAt },
  });
  expect(await rows()).toEqual(before);
});
