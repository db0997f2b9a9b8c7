import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { NewJob } from '../../domain/new-job.ts';
import { TB } from '../../domain/sizes.ts';
import type { JobState } from '../../domain/words.ts';
import { as, consoleDatabase, NOW, newJob } from '../../testing/console-database.ts';
import { reportOf, SEAL, sealOf } from '../../testing/evidence.ts';
import { custodyOf } from '../custody/log.ts';
import type { ConsoleDatabase } from '../db/database.ts';
import { devices } from '../db/schema/devices.ts';
import { jobs } from '../db/schema/jobs.ts';
import { reportIncident, resolveIncidents } from '../incidents/incidents.ts';
import { createJob } from '../jobs/create-job.ts';
import { getJob, type Job } from '../jobs/job.ts';
import { claim, release } from '../lifecycle/leases.ts';
import { act } from '../lifecycle/transitions.ts';
import { allowErase, confirmRestored, markErased } from './erasing.ts';
import { evidenceRowOf } from './evidence.ts';

const OTHER = 'b'.repeat(64);
const DONE = { files: 9, bytes: 900, method: 'files overwritten once' };
const STATION = { id: 'station:dock', role: 'station', channel: 'token' } as const;

/** A job in a state, as the programs that do the work left it. */
async function jobIn(
  db: ConsoleDatabase,
  state: JobState,
  changes: Partial<typeof jobs.$inferInsert> = {},
  asked: Partial<NewJob> = {},
): Promise<Job> {
  const job = await createJob(db, as('admin'), newJob(asked), NOW);
  const whole = {
    state,
    deviceId: 'DEV-1',
    devicePrepared: true,
    copyPhase: 'sealed' as const,
    sealed: true,
    seal: sealOf(),
    reported: true,
    report: reportOf(job),
    ...changes,
  };
  await db.transaction(async (tx) => {
    await tx.update(jobs).set(whole).where(eq(jobs.id, job.id));
  });
  return getJob(db.read, job.id);
}

const toErase = (db: ConsoleDatabase, jobId: string, sealDigest?: string) =>
  claim(db, STATION, { jobId, work: 'erase', sealDigest }, NOW);

const refusal = (missing: string | RegExp) => ({
  code: 'PreconditionFailed',
  message: expect.stringMatching(missing),
});

test('a device whose import landed is erased by the seal that was verified, and its certificate says so', async () => {
  const { db } = await consoleDatabase();
  const { id: jobId } = await jobIn(db, 'completed');
  await toErase(db, jobId, SEAL);
  await markErased(db, STATION, { jobId, ...DONE, sealDigest: SEAL }, NOW);
  expect(await evidenceRowOf(db.read, jobId)).toMatchObject({
    erasure: { ...DONE, verified: true, sealDigest: SEAL, unverified: null },
  });
  const kinds = (await custodyOf(db.read, jobId)).map(({ kind }) => kind);
  expect(kinds.slice(-2)).toEqual(['device.erase-begun', 'device.erased']);
});

test('a station that did not verify the seal, or verified another one, erases nothing', async () => {
  const { db } = await consoleDatabase();
  const { id: jobId } = await jobIn(db, 'completed');
  for (const sealDigest of [undefined, OTHER]) {
    await expect(toErase(db, jobId, sealDigest)).rejects.toMatchObject(refusal(/was not verified/));
    await expect(
      markErased(db, STATION, { jobId, ...DONE, sealDigest }, NOW),
    ).rejects.toMatchObject(refusal(/was not verified/));
  }
  expect((await getJob(db.read, jobId)).erased).toBe(false);
});

test('a person cannot say that a device was erased, nor a station that holds no claim to erase it', async () => {
  const { db } = await consoleDatabase();
  const { id: jobId } = await jobIn(db, 'completed');
  const invented = { jobId, ...DONE, sealDigest: SEAL };
  for (const role of ['facility', 'admin', 'operator'] as const) {
    const forbidden = { code: 'Forbidden', message: expect.stringContaining('work-as-station') };
    await expect(markErased(db, as(role), invented, NOW)).rejects.toMatchObject(forbidden);
    const claiming = claim(db, as(role), { jobId, work: 'erase', sealDigest: SEAL }, NOW);
    await expect(claiming).rejects.toMatchObject({ code: 'Forbidden' });
  }
  const unclaimed = refusal('the station holds no claim to erase the device');
  await expect(markErased(db, STATION, invented, NOW)).rejects.toMatchObject(unclaimed);
  await toErase(db, jobId, SEAL);
  const other = { ...STATION, id: 'station:other' };
  await expect(markErased(db, other, invented, NOW)).rejects.toMatchObject(unclaimed);
  expect((await getJob(db.read, jobId)).erased).toBe(false);
});

test('a simulated device is never purged, whatever a station says', async () => {
  const { db } = await consoleDatabase();
  const { id: jobId } = await jobIn(db, 'completed');
  await toErase(db, jobId, SEAL);
  const medium = { way: 'sanitize', tool: 'nvme sanitize', serial: 'S1' } as const;
  const simulated = { ...medium, simulated: true };
  await expect(
    markErased(db, STATION, { jobId, ...DONE, medium: simulated }, NOW),
  ).rejects.toMatchObject({ code: 'BadRequest' });
  const measure = { simulated: true, sizeBytes: TB, freeBytes: TB, source: 'folder' as const };
  await db.transaction(async (tx) => {
    await tx
      .update(devices)
      .set({ measure: measure as never })
      .where(eq(devices.id, 'DEV-1'));
  });
  await markErased(db, STATION, { jobId, ...DONE, medium }, NOW);
  expect((await evidenceRowOf(db.read, jobId)).erasure).toMatchObject({
    medium: { way: 'overwrite', simulated: true },
  });
});

test('a device of which nothing landed is not erased, nor its job completed', async () => {
  const { db } = await consoleDatabase();
  const job = await jobIn(db, 'importing');
  const report = reportOf(job, { outcome: 'with-errors', objects: 0, failed: 41 });
  await db.transaction(async (tx) => {
    await tx.update(jobs).set({ report }).where(eq(jobs.id, job.id));
  });
  const completing = act(db, STATION, { jobId: job.id, action: 'complete' }, NOW);
  await expect(completing).rejects.toMatchObject(refusal('41 of 41 objects are not in the store'));
  await expect(toErase(db, job.id, SEAL)).rejects.toMatchObject(refusal(/needs what is on/));
  await db.transaction(async (tx) => {
    await tx.update(jobs).set({ state: 'completed' }).where(eq(jobs.id, job.id));
  });
  await expect(toErase(db, job.id, SEAL)).rejects.toMatchObject(refusal(/^erase has to wait: 41/));
});

test('a customer’s disk is not returned before its objects landed', async () => {
  const { db } = await consoleDatabase();
  const job = await jobIn(db, 'importing', {}, { option: 'disk', sizeBytes: TB });
  const report = reportOf(job, { outcome: 'with-errors', objects: 0, failed: 41 });
  await db.transaction(async (tx) => {
    await tx.update(jobs).set({ report }).where(eq(jobs.id, job.id));
  });
  const returning = act(db, STATION, { jobId: job.id, action: 'return' }, NOW);
  await expect(returning).rejects.toMatchObject(refusal('41 of 41 objects are not in the store'));
});

test('what the load could not read at the source was never on the device, and holds nothing up', async () => {
  const { db } = await consoleDatabase();
  const job = await jobIn(db, 'completed', { seal: sealOf({ failed: 2 }) });
  const report = reportOf(job, { outcome: 'with-errors', failed: 2 });
  await db.transaction(async (tx) => {
    await tx.update(jobs).set({ report }).where(eq(jobs.id, job.id));
  });
  expect((await toErase(db, job.id, SEAL)).work).toBe('erase');
});

test('nothing is erased while an incident is open, and the action is not offered', async () => {
  const { db } = await consoleDatabase();
  const { id: jobId } = await jobIn(db, 'at-facility', {}, { type: 'export' });
  await confirmRestored(db, as('operator'), { jobId, note: 'by telephone' }, NOW);
  const incident = { jobId, kind: 'seal-differs', note: '' } as const;
  await reportIncident(db, as('facility'), incident, NOW);
  const starting = () => act(db, as('facility'), { jobId, action: 'start-erase' }, NOW);
  await expect(starting()).rejects.toMatchObject(refusal('Tamper seal number differs'));
  await expect(toErase(db, jobId, SEAL)).rejects.toMatchObject(refusal(/incident is open/));
  await resolveIncidents(db, as('facility'), { jobId, note: 'misread' }, NOW);
  expect((await starting()).state).toBe('erasing');
});

test('the device of an export waits until the site reported its restore, or a person confirms it', async () => {
  const { db } = await consoleDatabase();
  const { id: jobId } = await jobIn(db, 'at-facility', {}, { type: 'export' });
  const missing = refusal('the site did not report that it restored the data');
  const start = { jobId, action: 'start-erase' } as const;
  await expect(act(db, as('facility'), start, NOW)).rejects.toMatchObject(missing);
  await expect(toErase(db, jobId, SEAL)).rejects.toMatchObject(missing);
  const note = 'restored by hand, says Ada';
  await expect(confirmRestored(db, as('facility'), { jobId, note }, NOW)).rejects.toMatchObject({
    code: 'Forbidden',
  });
  await confirmRestored(db, as('operator'), { jobId, note }, NOW);
  await act(db, as('facility'), start, NOW);
  expect((await toErase(db, jobId, SEAL)).work).toBe('erase');
  expect((await custodyOf(db.read, jobId)).at(-3)).toMatchObject({
    kind: 'job.restore-confirmed',
    detail: { note, reported: null },
  });
});

test('an erasing that was cut off goes on without the seal that it has erased', async () => {
  const { db } = await consoleDatabase();
  const { id: jobId } = await jobIn(db, 'completed');
  await release(db, STATION, await toErase(db, jobId, SEAL));
  const again = await toErase(db, jobId);
  await markErased(db, STATION, { jobId, ...DONE }, NOW);
  expect(again.work).toBe('erase');
  expect((await evidenceRowOf(db.read, jobId)).erasure).toMatchObject({
    verified: true,
    sealDigest: SEAL,
  });
});

test('a device that can never be verified is erased only as an administrator says why', async () => {
  const { db } = await consoleDatabase();
  const { id: jobId } = await jobIn(db, 'completed', {
    sealed: false,
    seal: null,
    reported: false,
    report: null,
  });
  await expect(toErase(db, jobId)).rejects.toMatchObject(refusal('knows no seal'));
  const note = 'crushed by a fork-lift';
  for (const role of ['operator', 'facility', 'station'] as const)
    await expect(allowErase(db, as(role), { jobId, note }, NOW)).rejects.toMatchObject({
      code: 'Forbidden',
    });
  await allowErase(db, as('admin'), { jobId, note }, NOW);
  await toErase(db, jobId);
  await markErased(db, STATION, { jobId, ...DONE }, NOW);
  expect((await evidenceRowOf(db.read, jobId)).erasure).toMatchObject({
    verified: false,
    sealDigest: null,
    unverified: { by: 'person:admin', note },
  });
});

test('nobody allows to erase what is not there, or is erased already', async () => {
  const { db } = await consoleDatabase();
  const none = await jobIn(db, 'cancelled', { deviceId: null });
  const gone = await jobIn(db, 'completed', { erased: true });
  for (const { id: jobId } of [none, gone])
    await expect(allowErase(db, as('admin'), { jobId, note: 'n' }, NOW)).rejects.toMatchObject(
      refusal(/has no device|is erased already/),
    );
});

test('a whole device that is erased by permission is verified all the same', async () => {
  const { db } = await consoleDatabase();
  const job = await jobIn(db, 'completed');
  const { id: jobId } = job;
  const report = reportOf(job, { outcome: 'with-errors', objects: 0, failed: 41 });
  await db.transaction(async (tx) => {
    await tx.update(jobs).set({ report }).where(eq(jobs.id, jobId));
  });
  await allowErase(db, as('admin'), { jobId, note: 'closed' }, NOW);
  await toErase(db, jobId, SEAL);
  await markErased(db, STATION, { jobId, ...DONE, sealDigest: SEAL }, NOW);
  expect((await evidenceRowOf(db.read, jobId)).erasure).toMatchObject({ verified: true });
});

test.each(['created', 'exporting', 'ready-to-ship', 'in-transit-to-site', 'cancelled'] as const)(
  'nobody confirms the restore of an export that is %s',
  async (state) => {
    const { db } = await consoleDatabase();
    const { id: jobId } = await jobIn(db, state, {}, { type: 'export' });
    await expect(
      confirmRestored(db, as('operator'), { jobId, note: 'n' }, NOW),
    ).rejects.toMatchObject({ code: 'InvalidJobState' });
  },
);

test('a customer’s disk is erased by nobody', async () => {
  const { db } = await consoleDatabase();
  const { id: jobId } = await jobIn(db, 'completed', {}, { option: 'disk', sizeBytes: TB });
  await expect(allowErase(db, as('admin'), { jobId, note: 'please' }, NOW)).rejects.toMatchObject(
    refusal('the customer’s own disk'),
  );
  await expect(toErase(db, jobId, SEAL)).rejects.toMatchObject(refusal('the customer’s own disk'));
});

test('a device whose job was cancelled before anything was copied holds nothing to verify', async () => {
  const { db } = await consoleDatabase();
  const { id: jobId } = await jobIn(db, 'cancelled', {
    copyPhase: 'not-started',
    sealed: false,
    seal: null,
    reported: false,
    report: null,
  });
  expect((await toErase(db, jobId)).work).toBe('erase');
});
