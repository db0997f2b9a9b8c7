import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asc, eq } from 'drizzle-orm';
import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { REPORT_FILES } from '../../domain/report.ts';
import { TAR_END, tarHeader, tarPadding } from '../../files/tar.ts';
import { signStatement } from '../../keys/statements.ts';
import { PROOF_PARTS, PROOF_STATEMENT, type ProofStatement } from '../../keys/transfer-proof.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import type { ServerContext } from '../context/server-context.ts';
import { requireSoundLog, signHead } from '../custody/heads.ts';
import { custodyOf } from '../custody/log.ts';
import type { Reader } from '../db/database.ts';
import { shipments } from '../db/schema/shipments.ts';
import { getJob, type Job } from '../jobs/job.ts';
import { digestOf } from '../reports/losses.ts';
import { getStore } from '../stores/stores.ts';
import { erasureCertificate } from './erasure-certificates.ts';

type Proving = Pick<ServerContext, 'db' | 'authority' | 'paths' | 'config'>;
type Report = NonNullable<Job['report']>;

interface Part {
  name: string;
  bytes: number;
  content: AsyncIterable<Uint8Array>;
}

/**
 * The proof of a job's transfer as one file, which is made while it is sent: the report's own logs, the job's custody
 * entries and a signed head, then what the authority signs over all of it. Throws NotFound without a whole report,
 * CustodyContradicted, CustodyBroken, ReportChanged, Forbidden.
 */
export async function transferProof(
  context: Proving,
  actor: Actor,
  jobId: string,
  now: Date,
): Promise<AsyncGenerator<Uint8Array>> {
  authorize(actor, 'audit.read', jobId);
  const { db } = context;
  const job = await getJob(db.read, jobId);
  if (!job.reported || !job.report)
    throw new WaybillError('NotFound', { what: 'report of job', id: jobId });
  // The head first: it covers every entry that is in the proof.
  const head = await signHead(context, now);
  if (!head) throw new WaybillError('NotFound', { what: 'custody log', id: jobId });
  const entries = (await custodyOf(db.read, jobId)).filter(({ seq }) => seq <= head.seq);
  await requireSoundLog(context, entries[0]?.seq ?? 1);
  const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  const parts: Part[] = [
    ...(await reportParts(context, jobId, entries)),
    partOf(PROOF_PARTS.custody, Buffer.from(lines)),
    partOf(PROOF_PARTS.head, head.der),
    ...(await erasurePart(context, actor, jobId, now)),
  ];
  const facts = await factsOf(db.read, job, job.report, now);
  const custody = { entries: entries.length, head: { seq: head.seq, hash: head.hash } };
  return archiveOf(parts, now, (digests) =>
    signStatement('proof', { ...facts, custody, parts: digests }, context.authority, now),
  );
}

/** Sends the parts, and last the statement that is made of their digests. */
async function* archiveOf(
  parts: readonly Part[],
  now: Date,
  sign: (digests: ProofStatement['parts']) => Buffer,
): AsyncGenerator<Uint8Array> {
  const digests: ProofStatement['parts'] = [];
  for (const { name, bytes, content } of parts) {
    yield headerOf(name, bytes, now);
    const hash = createHash('sha256');
    let sent = 0;
    for await (const chunk of content) {
      hash.update(chunk);
      sent += chunk.length;
      yield chunk;
    }
    // A report that changes meanwhile breaks the file off, and what is broken off proves nothing.
    if (sent !== bytes) throw new WaybillError('Conflict', { detail: `${name} has changed` });
    yield tarPadding(bytes);
    digests.push({ name, bytes, sha256: hash.digest('hex') });
  }
  const statement = sign(digests);
  yield headerOf(PROOF_STATEMENT, statement.length, now);
  yield statement;
  yield tarPadding(statement.length);
  yield TAR_END;
}

function headerOf(name: string, bytes: number, now: Date): Buffer {
  const mtimeNs = BigInt(Math.floor(now.getTime() / 1000)) * 1_000_000_000n;
  return tarHeader({ path: Buffer.from(name), kind: 'file', bytes, mtimeNs, mode: 0o644 });
}

async function* whole(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

const partOf = (name: string, content: Uint8Array): Part => ({
  name,
  bytes: content.length,
  content: whole(content),
});

/** The files of the report, each of them the one whose digest the custody log took when it was handed in. */
async function reportParts(
  { paths }: Proving,
  jobId: string,
  entries: Awaited<ReturnType<typeof custodyOf>>,
): Promise<Part[]> {
  const handedIn = entries.findLast(({ kind, detail }) => kind === 'job.report' && !detail.partial);
  const digests = (handedIn?.detail.sha256 ?? {}) as Record<string, unknown>;
  const parts: Part[] = [];
  for (const file of REPORT_FILES)
    parts.push(await partOfFile(join(paths.reports, jobId), { jobId, file }, digests[file]));
  return parts;
}

async function partOfFile(
  dir: string,
  facts: { jobId: string; file: string },
  sha256: unknown,
): Promise<Part> {
  const changed = (detail: string) => new WaybillError('ReportChanged', { ...facts, detail });
  const path = join(dir, facts.file);
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw changed('it is missing');
  // Console of before wrote no digests into the log: of those reports only the head of the log speaks.
  if (sha256 !== undefined && (await digestOf(path)) !== sha256)
    throw changed('its SHA-256 is not the one in the custody log');
  const content = createReadStream(path) as AsyncIterable<Uint8Array>;
  return { name: facts.file, bytes: found.size, content };
}

/** The certificate of erasure, where the device was erased. */
async function erasurePart(
  context: Proving,
  actor: Actor,
  jobId: string,
  now: Date,
): Promise<Part[]> {
  try {
    const { der } = await erasureCertificate(context, actor, jobId, now);
    return [partOf(PROOF_PARTS.erasure, der)];
  } catch (error) {
    if (isWaybillError(error, 'NotFound')) return [];
    throw error;
  }
}

async function factsOf(
  db: Reader,
  job: Job,
  report: Report,
  now: Date,
): Promise<Omit<ProofStatement, 'custody' | 'parts' | 'format'>> {
  const { kind, name } = await getStore(db, job.storeId);
  const legs = await db
    .select()
    .from(shipments)
    .where(eq(shipments.jobId, job.id))
    .orderBy(asc(shipments.id));
  return {
    issuedAt: now.toISOString(),
    job: {
      id: job.id,
      name: job.name,
      option: job.option,
      type: job.type,
      state: job.state,
      outcome: job.outcome,
      createdAt: job.createdAt,
      createdBy: job.createdBy,
      encrypted: job.encrypted,
      volumeId: job.volumeId,
      deviceId: job.deviceId,
      rangeBegin: job.rangeBegin,
      rangeEnd: job.rangeEnd,
      archive: job.archive,
    },
    store: { kind, name, bucket: job.bucket, prefix: job.prefix },
    source: job.seal,
    report: {
      outcome: report.outcome,
      objects: report.objects,
      bytes: report.bytes,
      skipped: report.skipped,
      failed: report.failed,
      destination: report.destination,
      sealDigest: report.sealDigest,
      startedAt: report.startedAt,
      finishedAt: report.finishedAt,
      archive: report.archive,
    },
    shipments: legs.map((leg) => ({
      leg: leg.leg,
      carrier: leg.carrier,
      service: leg.service,
      trackingNumber: leg.trackingNumber,
      sealNumbers: leg.sealNumbers,
      arrivalSeals: leg.arrivalSeals,
      handedOverBy: leg.handedOverBy,
      shippedAt: leg.shippedAt,
      arrivedAt: leg.arrivedAt,
    })),
  };
}
