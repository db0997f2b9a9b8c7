import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { eq } from 'drizzle-orm';
import { reportSummary } from '../api/schemas/work-schemas.ts';
import { WaybillError } from '../domain/errors.ts';
import { OPTION_RULES } from '../domain/options.ts';
import { REPORT_FILES, type ReportFile, type ReportSummary } from '../domain/report.ts';
import { headText } from '../keys/custody-head.ts';
import { type Actor, authorize } from './actor.ts';
import type { Console } from './console.ts';
import { headOrOlder } from './custody-heads.ts';
import { appendCustody } from './custody-log.ts';
import { jobs } from './db/schema.ts';
import { requireSeal } from './device-proof.ts';
import { publishEvent } from './event-feed.ts';
import { closeIncidents } from './incidents.ts';
import { getJob, type Job } from './jobs.ts';
import { drawCompletionReport } from './papers/completion-report.ts';
import { A4_SIZE, drawPaper } from './papers/paper.ts';
import { type LogQuery, readLogPage } from './report-rows.ts';
import { getStore } from './stores.ts';

const SUMMARY: ReportFile = 'summary.json';
const SUMMARY_BYTES_MAX = 64 * 1024;

/**
 * Keeps a file of a job's completion report. The summary comes last: with it the report is whole and the
 * job's outcome known. Throws NotFound, InvalidJobState, PreconditionFailed, BadRequest, SealSuperseded, SealUnknown,
 * Forbidden.
 */
export async function putReport(
  { db, paths }: Pick<Console, 'db' | 'paths'>,
  actor: Actor,
  request: { jobId: string; file: ReportFile; content: ReadableStream<Uint8Array> },
  now: Date,
): Promise<void> {
  const { jobId, file, content } = request;
  authorize(actor, 'job.report-import', jobId);
  const job = await getJob(db.read, jobId);
  if (job.state !== 'importing' && job.state !== 'exporting') {
    const allowed = 'only while importing or exporting';
    throw new WaybillError('InvalidJobState', { action: 'report', state: job.state, allowed });
  }
  const dir = join(paths.reports, jobId);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const temporary = join(/* turbopackIgnore: true */ dir, `.${file}.${randomUUID()}`);
  try {
    await pipeline(
      Readable.fromWeb(content as Parameters<typeof Readable.fromWeb>[0]),
      createWriteStream(temporary, { mode: 0o600, flush: true }),
    );
    const summary = file === SUMMARY ? await readSummary(temporary, job) : undefined;
    if (summary) await requireLogs(dir);
    if (summary) await requireSeal(db, actor, job, summary.sealDigest, now);
    await rename(temporary, join(dir, file));
    // What the database says from now on must be there after a power failure, too.
    for (const folder of [dir, dirname(dir)]) await syncFolder(folder);
    if (summary) await finish({ db, dir }, actor, job, summary, now);
  } finally {
    await rm(temporary, { force: true });
  }
}

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
  for (const file of REPORT_FILES.filter((name) => name !== SUMMARY)) {
    const there = await stat(join(dir, file)).catch(() => undefined);
    if (there) continue;
    throw new WaybillError('PreconditionFailed', {
      ...{ action: 'report', missing: `${file} is not there`, fix: 'send the two logs first' },
    });
  }
}

async function finish(
  { db, dir }: Pick<Console, 'db'> & { dir: string },
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
    const { outcome, objects, bytes, skipped, failed } = report;
    await tx.update(jobs).set({ reported: true, report, outcome }).where(eq(jobs.id, jobId));
    const detail = { outcome, objects, bytes, skipped, failed, sha256: digests };
    const deviceId = job.deviceId ?? undefined;
    await appendCustody(tx, actor, { kind: 'job.report', jobId, deviceId, detail }, now);
    const ended = { kinds: [`${job.type}-failed` as const], note: `${job.type}ed` };
    await closeIncidents(tx, actor, job, ended, now);
    await publishEvent(tx, { jobId, kind: 'report', detail: { outcome, objects, bytes } }, now);
  });
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** A file of a report as a stream, with its size in bytes. Throws NotFound, Forbidden. */
export async function openReport(
  console: Pick<Console, 'db' | 'paths'>,
  actor: Actor,
  request: { jobId: string; file: ReportFile },
): Promise<{ bytes: number; content: ReadableStream }> {
  const path = await reportPath(console, actor, request);
  const { size } = await stat(path);
  return { bytes: size, content: Readable.toWeb(createReadStream(path)) as ReadableStream };
}

/** Lines of a log of a report. Throws NotFound, Forbidden. */
export async function listReportRows(
  console: Pick<Console, 'db' | 'paths'>,
  actor: Actor,
  request: { jobId: string; file: ReportFile } & LogQuery,
) {
  const { file, jobId, ...query } = request;
  if (file === SUMMARY) throw new WaybillError('NotFound', { what: 'log', id: file });
  const page = await readLogPage(await reportPath(console, actor, { jobId, file }), query);
  return { ...page, rows: page.rows.map((row) => ({ ...row, bytes: Number(row.bytes) || 0 })) };
}

async function reportPath(
  { db, paths }: Pick<Console, 'db' | 'paths'>,
  actor: Actor,
  { jobId, file }: { jobId: string; file: ReportFile },
): Promise<string> {
  authorize(actor, 'job.read', jobId);
  const job = await getJob(db.read, jobId);
  if (!job.reported) throw new WaybillError('NotFound', { what: 'report of job', id: jobId });
  return join(paths.reports, jobId, file);
}

/** The completion report as a PDF for people. Throws NotFound, Forbidden. */
export async function reportPaper(
  console: Pick<Console, 'db' | 'config' | 'authority' | 'paths'>,
  actor: Actor,
  jobId: string,
  now: Date,
): Promise<Uint8Array<ArrayBuffer>> {
  const { db, config } = console;
  authorize(actor, 'job.read', jobId);
  const job = await getJob(db.read, jobId);
  const { report: summary, name: jobName } = job;
  if (!summary) throw new WaybillError('NotFound', { what: 'report of job', id: jobId });
  const { name } = await getStore(db.read, job.storeId);
  const kind = `${OPTION_RULES[job.option].label}, ${job.type}`;
  const head = await headOrOlder(console, now);
  const facts = { jobName, kind, store: `${name}: ${job.bucket}/${job.prefix}`, summary, head };
  const paper = { size: A4_SIZE, title: `Completion report: ${jobName}`, now };
  return drawPaper({ ...paper, fonts: config.fontsFolder }, (sheet) =>
    drawCompletionReport(sheet, facts),
  );
}

/** The signed head of the custody log as text that goes with a report. Throws NotFound, Forbidden. */
export async function reportHead(
  console: Pick<Console, 'db' | 'authority' | 'paths'>,
  actor: Actor,
  jobId: string,
  now: Date,
): Promise<string> {
  authorize(actor, 'job.read', jobId);
  const job = await getJob(console.db.read, jobId);
  const head = job.reported ? await headOrOlder(console, now) : undefined;
  if (!head) throw new WaybillError('NotFound', { what: 'report of job', id: jobId });
  return headText(head.der);
}
