import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { eq } from 'drizzle-orm';
import { reportSummary } from '../../api/schemas/work-schemas.ts';
import { WaybillError } from '../../domain/errors.ts';
import type { IncidentKind } from '../../domain/incidents.ts';
import { OPTION_RULES } from '../../domain/options.ts';
import {
  REPORT_FILES,
  type ReportFile,
  type ReportSummary,
  takesReport,
} from '../../domain/report.ts';
import { headText } from '../../keys/custody/head.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import type { ServerContext } from '../context/server-context.ts';
import { headOrOlder } from '../custody/heads.ts';
import { appendCustody } from '../custody/log.ts';
import type { Reader, Tx } from '../db/database.ts';
import { jobs } from '../db/schema/jobs.ts';
import { requireSeal } from '../devices/device-proof.ts';
import { evidenceOf, evidenceRowOf, keepEvidence } from '../erasing/evidence.ts';
import { publishEvent } from '../events/publish.ts';
import { closeIncidents, openIncident } from '../incidents/incidents.ts';
import { getJob, type Job } from '../jobs/job.ts';
import { drawCompletionReport } from '../papers/completion-report.ts';
import { A4_SIZE, drawPaper } from '../papers/page.ts';
import { getStore } from '../stores/stores.ts';
import { digestOf } from './losses.ts';
import { type LogQuery, readLogPage } from './report-rows.ts';

const SUMMARY: ReportFile = 'summary.json';
const LOGS = REPORT_FILES.filter((name) => name !== SUMMARY);
const SUMMARY_BYTES_MAX = 64 * 1024;

/**
 * Keeps a file of a job's completion report. The summary comes last: with it the report is whole and the
 * job's outcome known. Throws NotFound, InvalidJobState, PreconditionFailed, BadRequest, SealSuperseded, SealUnknown,
 * Forbidden.
 */
export async function putReport(
  { db, paths }: Pick<ServerContext, 'db' | 'paths'>,
  actor: Actor,
  request: { jobId: string; file: ReportFile; content: ReadableStream<Uint8Array> },
  now: Date,
): Promise<void> {
  const { jobId, file, content } = request;
  authorize(actor, 'job.report-import', jobId);
  const job = await getJob(db.read, jobId);
  await requireOpenReport(db.read, job);
  const dir = join(paths.reports, jobId);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const temporary = join(/* turbopackIgnore: true */ dir, `.${file}.${randomUUID()}`);
  try {
    await pipeline(
      Readable.fromWeb(content as Parameters<typeof Readable.fromWeb>[0]),
      createWriteStream(temporary, { mode: 0o600, flush: true }),
    );
    const summary = file === SUMMARY ? await readSummary(temporary, job) : undefined;
    if (summary) {
      // What a later attempt did until it stopped says less than the whole report before it.
      if (summary.partial && job.reported) return dropStaged(dir);
      await requireLogs(dir);
      await requireSeal(db, actor, job, summary.sealDigest, now);
      for (const log of LOGS) await publishLog(dir, log);
    }
    await rename(temporary, summary ? join(dir, file) : stagedPath(dir, file));
    // What the database says from now on must be there after a power failure, too.
    for (const folder of [dir, dirname(dir)]) await syncFolder(folder);
    if (summary) await finish({ db, dir }, actor, job, summary, now);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Throws InvalidJobState where no report is taken now. */
async function requireOpenReport(db: Reader, job: Job): Promise<void> {
  const { state } = job;
  const { retryRequested } = await evidenceRowOf(db, job.id);
  if (takesReport({ ...job, retryRequested })) return;
  const allowed = 'only while importing or exporting';
  throw new WaybillError('InvalidJobState', { action: 'report', state, allowed });
}

/** A log waits under another name for its summary: until then the report before it stands whole. */
const stagedPath = (dir: string, log: ReportFile): string => join(dir, `.next-${log}`);

async function publishLog(dir: string, log: ReportFile): Promise<void> {
  const staged = stagedPath(dir, log);
  if (await isThere(staged)) await rename(staged, join(dir, log));
}

async function dropStaged(dir: string): Promise<void> {
  for (const log of LOGS) await rm(stagedPath(dir, log), { force: true });
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Makes the names in a folder durable. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function readSummary(path: string, job: Job): Promise<ReportSummary> {
  if ((await stat(path)).size > SUMMARY_BYTES_MAX) throw invalid('the summary is too large');
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw invalid('the summary is not JSON');
  }
  const { data, error } = reportSummary.safeParse(value);
  if (!data) throw invalid(`the summary: ${error.issues[0]?.message}`);
  if (data.jobId !== job.id || data.volumeId !== job.volumeId)
    throw invalid('the summary is of another job');
  return data;
}

const invalid = (detail: string): WaybillError => new WaybillError('BadRequest', { detail });

async function requireLogs(dir: string): Promise<void> {
  for (const file of LOGS) {
    if ((await isThere(stagedPath(dir, file))) || (await isThere(join(dir, file)))) continue;
    throw new WaybillError('PreconditionFailed', {
      action: 'report',
      missing: `${file} is not there`,
      fix: 'send the two logs first',
    });
  }
}

async function finish(
  { db, dir }: Pick<ServerContext, 'db'> & { dir: string },
  actor: Actor,
  job: Job,
  report: ReportSummary,
  now: Date,
): Promise<void> {
  const digests = Object.fromEntries(
    await Promise.all(
      REPORT_FILES.map(async (file) => [file, await digestOf(join(dir, file))] as const),
    ),
  );
  await db.transaction(async (tx) => {
    const { id: jobId } = job;
    const { outcome, objects, bytes, skipped, failed, sealDigest } = report;
    const reported = !report.partial;
    // A job that was closed has ended with errors, whatever did land; not one whose accepted losses were tried again.
    const isClosed = job.state === 'completed' && !job.reported;
    const ended = isClosed ? job.outcome : outcome;
    const [changed = job] = await tx
      .update(jobs)
      .set({ reported, report, outcome: reported ? ended : job.outcome })
      .where(eq(jobs.id, jobId))
      .returning();
    const attempt = await keepAttempt(tx, changed, digests['failure.csv'] ?? null);
    const counts = { outcome, objects, bytes, skipped, failed };
    const deviceId = job.deviceId ?? undefined;
    const partial = report.partial;
    const detail = { ...counts, attempt, partial, sealDigest, sha256: digests };
    await appendCustody(tx, actor, { kind: 'job.report', jobId, deviceId, detail }, now);
    if (reported) await judgeReport(tx, actor, changed, now);
    await publishEvent(tx, { jobId, kind: 'report', detail: { outcome, objects, bytes } }, now);
  });
}

/** Counts the report. A list of failures that is another one by now is accepted by nobody yet. Returns its number. */
async function keepAttempt(tx: Tx, job: Job, failureList: string | null): Promise<number> {
  const before = await evidenceRowOf(tx, job.id);
  const reportAttempts = before.reportAttempts + 1;
  const isSame = before.acceptedLosses?.list === failureList;
  await keepEvidence(tx, job.id, {
    failureList,
    reportAttempts,
    acceptedLosses: isSame ? before.acceptedLosses : null,
    retryRequested: job.reported ? null : before.retryRequested,
  });
  return reportAttempts;
}

/** What went wrong before is over; objects that did not land wait for a decision. */
async function judgeReport(tx: Tx, actor: Actor, job: Job, now: Date): Promise<void> {
  const kinds: IncidentKind[] = [`${job.type}-failed`, 'objects-failed', 'store-refuses'];
  await closeIncidents(tx, actor, job, { kinds, note: `${job.type}ed` }, now);
  const { failed, objects, failureList, acceptedList } = await evidenceOf(tx, job, now);
  const isDecided = job.state === 'completed' && acceptedList === failureList;
  if (failed === 0 || job.type !== 'import' || isDecided) return;
  const note = `${failed} of ${objects} objects are not in the store; failure log ${failureList}`;
  await openIncident(tx, actor, job, { kind: 'objects-failed', note }, now);
}

/** A file of a report as a stream, with its size in bytes. Throws NotFound, Forbidden. */
export async function openReport(
  context: Pick<ServerContext, 'db' | 'paths'>,
  actor: Actor,
  request: { jobId: string; file: ReportFile },
): Promise<{ bytes: number; content: ReadableStream }> {
  const path = await reportPath(context, actor, request);
  const { size } = await stat(path);
  return { bytes: size, content: Readable.toWeb(createReadStream(path)) as ReadableStream };
}

/** Lines of a log of a report. Throws NotFound, Forbidden. */
export async function listReportRows(
  context: Pick<ServerContext, 'db' | 'paths'>,
  actor: Actor,
  request: { jobId: string; file: ReportFile } & LogQuery,
) {
  const { file, jobId, ...query } = request;
  if (file === SUMMARY) throw new WaybillError('NotFound', { what: 'log', id: file });
  const page = await readLogPage(await reportPath(context, actor, { jobId, file }), query);
  return { ...page, rows: page.rows.map((row) => ({ ...row, bytes: Number(row.bytes) || 0 })) };
}

async function reportPath(
  { db, paths }: Pick<ServerContext, 'db' | 'paths'>,
  actor: Actor,
  { jobId, file }: { jobId: string; file: ReportFile },
): Promise<string> {
  authorize(actor, 'job.read', jobId);
  const job = await getJob(db.read, jobId);
  if (!job.report) throw new WaybillError('NotFound', { what: 'report of job', id: jobId });
  return join(paths.reports, jobId, file);
}

/** The completion report as a PDF for people. Throws NotFound, Forbidden. */
export async function reportPaper(
  context: Pick<ServerContext, 'db' | 'config' | 'authority' | 'paths'>,
  actor: Actor,
  jobId: string,
  now: Date,
): Promise<Uint8Array<ArrayBuffer>> {
  const { db, config } = context;
  authorize(actor, 'job.read', jobId);
  const job = await getJob(db.read, jobId);
  const { report: summary, name: jobName } = job;
  if (!summary) throw new WaybillError('NotFound', { what: 'report of job', id: jobId });
  const { name } = await getStore(db.read, job.storeId);
  const kind = `${OPTION_RULES[job.option].label}, ${job.type}`;
  const head = await headOrOlder(context, now);
  const facts = { jobName, kind, store: `${name}: ${job.bucket}/${job.prefix}`, summary, head };
  const paper = { size: A4_SIZE, title: `Completion report: ${jobName}`, now };
  return drawPaper({ ...paper, fonts: config.fontsFolder }, (sheet) =>
    drawCompletionReport(sheet, facts),
  );
}

/** The signed head of the custody log as text that goes with a report. Throws NotFound, Forbidden. */
export async function reportHead(
  context: Pick<ServerContext, 'db' | 'authority' | 'paths'>,
  actor: Actor,
  jobId: string,
  now: Date,
): Promise<string> {
  authorize(actor, 'job.read', jobId);
  const job = await getJob(context.db.read, jobId);
  const head = job.reported ? await headOrOlder(context, now) : undefined;
  if (!head) throw new WaybillError('NotFound', { what: 'report of job', id: jobId });
  return headText(head.der);
}
