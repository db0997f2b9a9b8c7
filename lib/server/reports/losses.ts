import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import { missingFor, missingOf } from '../../domain/irreversible.ts';
import { checkChannel } from '../../domain/lifecycle-decision.ts';
import { OPTION_RULES } from '../../domain/options.ts';
import { type Actor, authorize, SYSTEM } from '../actors/actor.ts';
import type { ServerContext } from '../context/server-context.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Reader, Tx } from '../db/database.ts';
import { leases } from '../db/schema/leases.ts';
import { evidenceOf, evidenceRowOf, graceDaysOf, keepEvidence } from '../erasing/evidence.ts';
import { publishEvent } from '../events/publish.ts';
import { closeIncidents } from '../incidents/incidents.ts';
import { getJob, type Job } from '../jobs/job.ts';
import { applyAction } from '../lifecycle/transitions.ts';
import { readLogPage } from './report-rows.ts';

/** Objects of a device that did not land: what they are, and that a person gives them up. */

type Place = Pick<ServerContext, 'db' | 'paths'>;

/** What of a job's device is not in the store, by the report that stands. */
export interface Losses {
  /** Objects of the seal that are not in the store. */
  objects: number;
  /** SHA-256 of the failure log, hex: the name of the list. */
  list: string;
  /** Bytes of the failure log. */
  bytes: number;
  /** Its first lines. */
  first: { key: string; reason: string; detail: string }[];
  /** Days that the device is kept once they are accepted. */
  graceDays: number;
}

const FIRST_LINES = 10;

/** What did not land. Throws NotFound while there is no whole report, Forbidden. */
export async function lossesOf(
  { db, paths }: Place,
  actor: Actor,
  jobId: string,
  now: Date,
): Promise<Losses> {
  authorize(actor, 'job.read', jobId);
  const job = await getJob(db.read, jobId);
  const list = await failureListOf({ db: db.read, paths }, job);
  const path = join(paths.reports, jobId, 'failure.csv');
  const page = await readLogPage(path, { after: 0, limit: FIRST_LINES, text: '' });
  const { failed } = await evidenceOf(db.read, job, now);
  return {
    objects: failed,
    list,
    bytes: (await stat(path)).size,
    first: page.rows.map(({ key, reason, detail }) => ({ key, reason, detail })),
    graceDays: await graceDaysOf(db.read),
  };
}

/** Digest of the failure log of a whole report; one that was handed in before digests were kept is read. Throws NotFound. */
async function failureListOf(
  { db, paths }: { db: Reader; paths: ServerContext['paths'] },
  job: Job,
): Promise<string> {
  if (!job.reported) throw new WaybillError('NotFound', { what: 'report of job', id: job.id });
  const { failureList } = await evidenceRowOf(db, job.id);
  return failureList ?? digestOf(join(paths.reports, job.id, 'failure.csv'));
}

/** SHA-256 of a file, hex. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/**
 * A person gives up what did not land, by the name of its list; an appliance's job is then completed when nothing else is
 * in the way. Throws NotFound, Forbidden, LossListDiffers when the list is another one by now, NothingLost, PreconditionFailed
 * while they are tried again.
 */
export async function acceptLosses(
  { db, paths }: Place,
  actor: Actor,
  request: { jobId: string; list: string; note: string },
  now: Date,
): Promise<Job> {
  const { jobId, list, note } = request;
  authorize(actor, 'job.accept-losses', jobId);
  const before = await getJob(db.read, jobId);
  const failureList = await failureListOf({ db: db.read, paths }, before);
  return db.transaction(async (tx) => {
    const job = await getJob(tx, jobId);
    checkChannel(job.option, actor.channel, `waybill job accept-losses ${jobId}`);
    const evidence = await evidenceOf(tx, job, now);
    if (job.erased || evidence.failed === 0) throw new WaybillError('NothingLost', { jobId });
    const standing = evidence.failureList ?? failureList;
    if (standing !== list) throw new WaybillError('LossListDiffers', { list, standing });
    if (evidence.acceptedList === list) return job;
    await requireNoRetry(tx, job, now);
    const acceptedLosses = {
      at: now.toISOString(),
      by: actor.id,
      note,
      list,
      objects: evidence.failed,
    };
    await keepEvidence(tx, jobId, { failureList: list, acceptedLosses });
    const detail = { list, objects: evidence.failed, note };
    const deviceId = job.deviceId ?? undefined;
    await appendCustody(tx, actor, { kind: 'job.losses-accepted', jobId, deviceId, detail }, now);
    await publishEvent(tx, { jobId, kind: 'report', detail: { accepted: list } }, now);
    const kinds = ['objects-failed' as const];
    await closeIncidents(tx, actor, job, { kinds, note: `their loss is accepted: ${note}` }, now);
    return completeIfProved(tx, job, now);
  });
}

/** What is being tried again may land yet, and is given up by nobody before its report. Throws PreconditionFailed. */
async function requireNoRetry(tx: Tx, { id: jobId }: Job, now: Date): Promise<void> {
  const { retryRequested } = await evidenceRowOf(tx, jobId);
  const [held] = await tx.select().from(leases).where(eq(leases.jobId, jobId));
  const isImporting = held?.work === 'import' && held.expiresMs > now.getTime();
  if (retryRequested === null && !isImporting) return;
  throw new WaybillError('PreconditionFailed', {
    action: 'accept-losses',
    missing: isImporting
      ? `${held.holder} is importing the device`
      : 'its failed objects are to be tried again',
    fix: 'wait for the report of that attempt, then look at its list',
  });
}

/**
 * Completes an import whose losses were accepted while an incident was open, once that is resolved: no station has to run
 * it again, which would make another list of it.
 */
export async function completeAccepted(db: ConsoleDatabase, job: Job, now: Date): Promise<Job> {
  return db.transaction(async (tx) => {
    const current = await getJob(tx, job.id);
    const { acceptedLosses } = await evidenceRowOf(tx, job.id);
    return acceptedLosses === null ? current : completeIfProved(tx, current, now);
  });
}

/** Completes an appliance's import that only waited for the loss to be accepted. A disk is returned first. */
async function completeIfProved(tx: Tx, job: Job, now: Date): Promise<Job> {
  if (job.state !== 'importing' || !OPTION_RULES[job.option].deviceShipsFirst) return job;
  const evidence = await evidenceOf(tx, job, now);
  if (missingFor('complete', evidence).length > 0) return job;
  return applyAction(tx, SYSTEM, { jobId: job.id, action: 'complete' }, now);
}

/** A completed appliance's import whose device is still here as it was. */
const canBeRetried = ({ state, type, option, reported, erased }: Job): boolean =>
  state === 'completed' &&
  type === 'import' &&
  reported &&
  !erased &&
  OPTION_RULES[option].owner === 'provider';

/**
 * Asks for the failed objects of an import to be tried again: the station that has the device does it. Throws NotFound,
 * Forbidden, InvalidJobState, NothingLost.
 */
export async function requestRetry(
  { db }: Pick<ServerContext, 'db'>,
  actor: Actor,
  jobId: string,
  now: Date,
): Promise<Job> {
  authorize(actor, 'job.retry-failed', jobId);
  return db.transaction(async (tx) => {
    const job = await getJob(tx, jobId);
    checkChannel(job.option, actor.channel, `waybill job retry-failed ${jobId}`);
    const evidence = await evidenceOf(tx, job, now);
    const isKept = evidence.acceptedList !== null && evidence.erasingDigest === null;
    if (job.state !== 'importing' && !(canBeRetried(job) && isKept)) {
      const allowed =
        'only while importing, and after accepted losses until erasing begins; make another job for what a closed one left';
      throw new WaybillError('InvalidJobState', {
        action: 'retry-failed',
        state: job.state,
        allowed,
      });
    }
    if (!missingOf('landed', { ...evidence, acceptedList: null }))
      throw new WaybillError('NothingLost', { jobId });
    const { retryRequested } = await evidenceRowOf(tx, jobId);
    if (retryRequested !== null) return job;
    await keepEvidence(tx, jobId, { retryRequested: now.toISOString() });
    const detail = { objects: evidence.failed, list: evidence.failureList };
    const deviceId = job.deviceId ?? undefined;
    await appendCustody(tx, actor, { kind: 'job.retry-requested', jobId, deviceId, detail }, now);
    await publishEvent(tx, { jobId, kind: 'report', detail: { retryRequested: true } }, now);
    return job;
  });
}
