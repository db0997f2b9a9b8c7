import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { IncidentKind } from '../../domain/incidents.ts';
import type { ReportSummary } from '../../domain/report.ts';
import { as, consoleDatabase, NOW, newJob } from '../../testing/console-database.ts';
import { reportOf, SEAL, sealOf } from '../../testing/evidence.ts';
import { tempDir } from '../../testing/temp.ts';
import { dataPaths } from '../context/paths.ts';
import { custodyOf } from '../custody/log.ts';
import { jobEvidence } from '../db/schema/evidence.ts';
import { jobs } from '../db/schema/jobs.ts';
import { changeGraceDays, evidenceOf, evidenceRowOf } from '../erasing/evidence.ts';
import { incidentsOf, reportIncident, resolveIncidents } from '../incidents/incidents.ts';
import { createJob } from '../jobs/create-job.ts';
import { getJob } from '../jobs/job.ts';
import { claim, release } from '../lifecycle/leases.ts';
import { act } from '../lifecycle/transitions.ts';
import { acceptLosses, lossesOf, requestRetry } from './losses.ts';
import { openReport, putReport } from './reports.ts';

const STATION = { id: 'station:dock', role: 'station', channel: 'token' } as const;
const HEADER = 'key,bytes,sha256,crc32,result,reason,detail\r\n';
const FAILURES = `${HEADER}a,1,,,failed,StoreUnavailable,503\r\nb,1,,,failed,StoreUnavailable,503\r\n`;
const FEWER = `${HEADER}b,1,,,failed,StoreUnavailable,503\r\n`;
const DAY_MS = 86_400_000;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const stream = (text: string) => new Blob([text]).stream();

/** A console with one import that is under way, and a station that hands in reports. */
async function importing() {
  const { db } = await consoleDatabase();
  const at = { db, paths: dataPaths(join(tempDir(), 'data')) };
  const { id: jobId, volumeId } = await createJob(db, as('operator'), newJob(), NOW);
  const loaded = {
    state: 'importing' as const,
    deviceId: 'DEV-1',
    devicePrepared: true,
    copyPhase: 'sealed' as const,
    sealed: true,
    seal: sealOf(),
  };
  await db.transaction(async (tx) => {
    await tx.update(jobs).set(loaded).where(eq(jobs.id, jobId));
  });
  const hand = async (failure: string, changes: Partial<ReportSummary>, now = NOW) => {
    const summary = reportOf({ id: jobId, volumeId }, changes);
    const files = {
      'success.csv': HEADER,
      'failure.csv': failure,
      'summary.json': JSON.stringify(summary),
    } as const;
    for (const [file, text] of Object.entries(files) as [keyof typeof files, string][])
      await putReport(at, STATION, { jobId, file, content: stream(text) }, now);
  };
  const openKinds = async () =>
    (await incidentsOf(db.read, jobId))
      .filter(({ resolvedAt }) => resolvedAt === null)
      .map(({ kind }) => kind);
  const textOf = async (file: 'failure.csv' | 'summary.json') =>
    new Response((await openReport(at, as('viewer'), { jobId, file })).content).text();
  return { ...at, jobId, hand, openKinds, textOf };
}

const lost = (failed: number) =>
  ({ outcome: 'with-errors', objects: 41 - failed, failed }) as const;

test('an import of which objects failed stays, with an incident that says how many', async () => {
  const { db, jobId, hand, openKinds } = await importing();
  await hand(FAILURES, lost(2));
  expect(await openKinds()).toEqual(['objects-failed']);
  const [incident] = await incidentsOf(db.read, jobId);
  expect(incident?.note).toContain('2 of 41 objects are not in the store');
  await expect(act(db, STATION, { jobId, action: 'complete' }, NOW)).rejects.toMatchObject({
    code: 'PreconditionFailed',
  });
  expect(await getJob(db.read, jobId)).toMatchObject({ state: 'importing', reported: true });
});

test('losses are accepted by the name of their list, by whom the data belongs to, and complete the job', async () => {
  const at = await importing();
  const { db, jobId, hand, openKinds } = at;
  await hand(FAILURES, lost(2));
  const losses = await lossesOf(at, as('viewer'), jobId, NOW);
  expect(losses).toMatchObject({
    objects: 2,
    list: sha256(FAILURES),
    graceDays: 30,
    first: [{ key: 'a' }, { key: 'b' }],
  });
  const note = 'duplicates of last year';
  const request = { jobId, list: losses.list, note };
  for (const role of ['viewer', 'facility', 'station'] as const)
    await expect(acceptLosses(at, as(role), request, NOW)).rejects.toMatchObject({
      code: 'Forbidden',
    });
  const other = { ...request, list: sha256('other') };
  await expect(acceptLosses(at, as('operator'), other, NOW)).rejects.toMatchObject({
    code: 'LossListDiffers',
  });
  const job = await acceptLosses(at, as('operator'), request, NOW);
  expect(job).toMatchObject({ state: 'completed', outcome: 'with-errors' });
  expect(await openKinds()).toEqual([]);
  expect(await custodyOf(db.read, jobId)).toContainEqual(
    expect.objectContaining({
      kind: 'job.losses-accepted',
      actor: 'person:operator',
      detail: { list: losses.list, objects: 2, note },
    }),
  );
});

test('the device is kept for the grace time, as long as the installation says', async () => {
  const at = await importing();
  const { db, jobId, hand } = at;
  await hand(FAILURES, lost(2));
  await acceptLosses(at, as('operator'), { jobId, list: sha256(FAILURES), note: 'n' }, NOW);
  const claimAt = (days: number) =>
    claim(
      db,
      STATION,
      { jobId, work: 'erase', sealDigest: SEAL },
      new Date(NOW.getTime() + days * DAY_MS),
    );
  await expect(claimAt(29.9)).rejects.toMatchObject({
    code: 'PreconditionFailed',
    message: expect.stringContaining('the grace time after the accepted losses ends 2026-02-01'),
  });
  await changeGraceDays(db, as('admin'), { graceDays: 90 }, NOW);
  await expect(claimAt(30)).rejects.toMatchObject({ code: 'PreconditionFailed' });
  expect((await claimAt(90)).work).toBe('erase');
});

test('an attempt that changes the list takes the acceptance back; the same list keeps it', async () => {
  const at = await importing();
  const { db, jobId, hand, openKinds } = at;
  await hand(FAILURES, lost(2));
  // Something else keeps the job from being completed.
  await reportIncident(db, as('facility'), { jobId, kind: 'other', note: 'a dent' }, NOW);
  await acceptLosses(at, as('operator'), { jobId, list: sha256(FAILURES), note: 'n' }, NOW);
  await hand(FAILURES, lost(2));
  expect((await evidenceRowOf(db.read, jobId)).acceptedLosses?.list).toBe(sha256(FAILURES));
  await hand(FEWER, lost(1));
  expect(await evidenceRowOf(db.read, jobId)).toMatchObject({
    acceptedLosses: null,
    failureList: sha256(FEWER),
    reportAttempts: 3,
  });
  expect(await openKinds()).toContain('objects-failed');
});

test('failed objects are tried again on demand, and a whole report ends both', async () => {
  const at = await importing();
  const { db, jobId, hand, openKinds } = at;
  await hand(FAILURES, lost(2));
  await requestRetry(at, as('facility'), jobId, NOW);
  expect((await evidenceRowOf(db.read, jobId)).retryRequested).toBe(NOW.toISOString());
  await hand(HEADER, {});
  expect(await openKinds()).toEqual([]);
  expect(await evidenceRowOf(db.read, jobId)).toMatchObject({ retryRequested: null });
  await expect(requestRetry(at, as('facility'), jobId, NOW)).rejects.toMatchObject({
    code: 'NothingLost',
  });
  expect((await act(db, STATION, { jobId, action: 'complete' }, NOW)).outcome).toBe('succeeded');
  const reports = (await custodyOf(db.read, jobId)).filter(({ kind }) => kind === 'job.report');
  expect(reports.map(({ detail }) => [detail.attempt, detail.failed])).toEqual([
    [1, 2],
    [2, 0],
  ]);
});

test('what is to be tried again, or is being imported, is given up by nobody meanwhile', async () => {
  const at = await importing();
  const { db, jobId, hand } = at;
  await hand(FAILURES, lost(2));
  const accept = () =>
    acceptLosses(at, as('operator'), { jobId, list: sha256(FAILURES), note: 'n' }, NOW);
  await requestRetry(at, as('facility'), jobId, NOW);
  await expect(accept()).rejects.toMatchObject({ code: 'PreconditionFailed' });
  expect((await evidenceRowOf(db.read, jobId)).retryRequested).not.toBeNull();
  const lease = await claim(db, STATION, { jobId, work: 'import' }, NOW);
  await hand(FAILURES, lost(2));
  await expect(accept()).rejects.toMatchObject({ code: 'PreconditionFailed' });
  await release(db, STATION, lease);
  expect((await accept()).state).toBe('completed');
});

test('objects that did not land are decided, not resolved away', async () => {
  const { db, jobId, hand, openKinds } = await importing();
  await hand(FAILURES, lost(2));
  const resolve = (kinds?: IncidentKind[]) =>
    resolveIncidents(db, as('facility'), { jobId, note: 'seen', kinds }, NOW);
  await expect(resolve()).rejects.toMatchObject({
    code: 'PreconditionFailed',
    next: expect.stringContaining('waybill job accept-losses'),
  });
  await reportIncident(db, as('facility'), { jobId, kind: 'other', note: 'a dent' }, NOW);
  await expect(resolve(['objects-failed'])).rejects.toMatchObject({ code: 'PreconditionFailed' });
  await resolve();
  expect(await openKinds()).toEqual(['objects-failed']);
});

test('accepted losses are tried again in the grace time; another list is decided anew', async () => {
  const at = await importing();
  const { db, jobId, hand, openKinds } = at;
  await hand(FAILURES, lost(2));
  await acceptLosses(at, as('operator'), { jobId, list: sha256(FAILURES), note: 'n' }, NOW);
  await expect(hand(FEWER, lost(1))).rejects.toMatchObject({ code: 'InvalidJobState' });
  await expect(claim(db, STATION, { jobId, work: 'import' }, NOW)).rejects.toMatchObject({
    code: 'InvalidJobState',
  });
  await requestRetry(at, as('operator'), jobId, NOW);
  const late = new Date(NOW.getTime() + 31 * DAY_MS);
  const erase = (now: Date) => claim(db, STATION, { jobId, work: 'erase', sealDigest: SEAL }, now);
  await expect(erase(late)).rejects.toMatchObject({ code: 'PreconditionFailed' });
  await release(db, STATION, await claim(db, STATION, { jobId, work: 'import' }, NOW));
  await hand(FEWER, lost(1));
  expect(await openKinds()).toEqual(['objects-failed']);
  expect(await evidenceRowOf(db.read, jobId)).toMatchObject({
    acceptedLosses: null,
    retryRequested: null,
  });
  await expect(erase(late)).rejects.toMatchObject({ code: 'PreconditionFailed' });
  await acceptLosses(at, as('operator'), { jobId, list: sha256(FEWER), note: 'n' }, NOW);
  await requestRetry(at, as('operator'), jobId, NOW);
  await hand(HEADER, {});
  expect(await getJob(db.read, jobId)).toMatchObject({ state: 'completed', outcome: 'succeeded' });
  expect((await erase(NOW)).work).toBe('erase');
});

test('until the summary of an attempt comes the report before it stands whole', async () => {
  const at = await importing();
  const { jobId, hand, textOf } = at;
  await hand(FAILURES, lost(2));
  const content = stream(FEWER);
  await putReport(at, STATION, { jobId, file: 'failure.csv', content }, NOW);
  expect(await textOf('failure.csv')).toBe(FAILURES);
});

test('a job that was closed has the report of what did land, and it does not let the device be erased', async () => {
  const at = await importing();
  const { db, jobId, hand, textOf } = at;
  const incident = { jobId, kind: 'import-failed', note: 'the store refuses' } as const;
  await reportIncident(db, STATION, incident, NOW);
  await act(db, as('facility'), { jobId, action: 'close' }, NOW);
  await hand(FAILURES, { ...lost(39), objects: 2, partial: true });
  expect(await getJob(db.read, jobId)).toMatchObject({
    state: 'completed',
    outcome: 'with-errors',
    reported: false,
    report: { objects: 2, partial: true },
  });
  expect(await textOf('failure.csv')).toBe(FAILURES);
  const erasing = claim(db, STATION, { jobId, work: 'erase', sealDigest: SEAL }, NOW);
  await expect(erasing).rejects.toMatchObject({ code: 'PreconditionFailed' });
  // A list that is not whole cannot name all that is lost.
  await expect(
    acceptLosses(at, as('operator'), { jobId, list: sha256(FAILURES), note: 'n' }, NOW),
  ).rejects.toMatchObject({ code: 'NotFound' });
});

test('what an attempt did until it stopped does not take the place of a whole report', async () => {
  const at = await importing();
  const { db, jobId, hand, textOf } = at;
  await hand(FAILURES, lost(2));
  await hand(FEWER, { ...lost(41), partial: true });
  expect((await getJob(db.read, jobId)).report).toMatchObject({ failed: 2 });
  expect(await textOf('failure.csv')).toBe(FAILURES);
});

test('a job of an older console counts what its report and seal say', async () => {
  const at = await importing();
  const { db, jobId, hand } = at;
  await hand(FAILURES, lost(2));

  await db.transaction(async (tx) => {
    await tx.delete(jobEvidence).where(eq(jobEvidence.jobId, jobId));
    await tx.update(jobs).set({ state: 'completed' }).where(eq(jobs.id, jobId));
  });
  const evidence = await evidenceOf(db.read, await getJob(db.read, jobId), NOW);
  expect(evidence).toMatchObject({ failed: 2, failureList: null });
  const { list } = await lossesOf(at, as('viewer'), jobId, NOW);
  expect(list).toBe(sha256(FAILURES));
  await acceptLosses(at, as('admin'), { jobId, list, note: 'long ago' }, NOW);
  expect((await evidenceRowOf(db.read, jobId)).acceptedLosses).toMatchObject({ list });
});
