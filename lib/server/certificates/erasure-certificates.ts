import { and, asc, desc, eq, lt } from 'drizzle-orm';
import type { CustodyKind } from '../../domain/custody.ts';
import { ERASE_METHODS, type EraseMethod } from '../../domain/erasing.ts';
import { WaybillError } from '../../domain/errors.ts';
import { OPTION_RULES } from '../../domain/options.ts';
import type { ErasureCertificate } from '../../keys/erasure-certificate.ts';
import { signStatement } from '../../keys/statements.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { type ActorNames, actorNames } from '../actors/actor-names.ts';
import type { ServerContext } from '../context/server-context.ts';
import { requireSoundLog } from '../custody/heads.ts';
import { custodyOf } from '../custody/log.ts';
import type { Reader } from '../db/database.ts';
import { custody } from '../db/schema/custody.ts';
import { devices } from '../db/schema/devices.ts';
import { getJob, type Job } from '../jobs/job.ts';
import { drawErasureCertificate } from '../papers/erasure-certificate.ts';
import { A4_SIZE, drawPaper } from '../papers/page.ts';

/**
 * Certificates of erasure. Everything on one is read from the custody log, which signed heads protect, and not from rows
 * that somebody may have changed since.
 */

type Entry = typeof custody.$inferSelect;
type Issuing = Pick<ServerContext, 'db' | 'authority' | 'config' | 'paths'>;

/** The erasures of a device, newest first: each has its certificate, by its job. */
export async function erasuresOf(db: Reader, actor: Actor, deviceId: string) {
  authorize(actor, 'device.read');
  const rows = await db
    .select()
    .from(custody)
    .where(and(eq(custody.deviceId, deviceId), eq(custody.kind, 'device.erased')))
    .orderBy(desc(custody.seq));
  return rows.flatMap(({ jobId, at, detail }) =>
    jobId === null ? [] : [{ jobId, at, verified: flagOf(detail.verified) }],
  );
}

/** The signed certificate of the erasure of a job's device. Throws NotFound, CustodyBroken, CustodyContradicted, Forbidden. */
export async function erasureCertificate(
  context: Issuing,
  actor: Actor,
  jobId: string,
  now: Date,
): Promise<{ certificate: ErasureCertificate; der: Buffer }> {
  authorize(actor, 'job.read', jobId);
  const { read } = context.db;
  const job = await getJob(read, jobId);
  const [first] = await custodyOf(read, jobId);
  await requireSoundLog(context, first?.seq ?? 1);
  const certificate = await factsOf(read, job, now);
  return {
    certificate,
    der: signStatement('erasure-certificate', certificate, context.authority, now),
  };
}

/** The same for people, with the signed document as text on a sheet of its own (PDF). Throws NotFound, Forbidden. */
export async function erasurePaper(
  context: Issuing,
  actor: Actor,
  jobId: string,
  now: Date,
): Promise<Uint8Array<ArrayBuffer>> {
  const { certificate, der } = await erasureCertificate(context, actor, jobId, now);
  const title = `Certificate of erasure: ${certificate.device.id}`;
  const paper = { size: A4_SIZE, title, now, fonts: context.config.fontsFolder };
  return drawPaper(paper, (sheet) => drawErasureCertificate(sheet, certificate, der));
}

async function factsOf(db: Reader, job: Job, now: Date): Promise<ErasureCertificate> {
  const entry = await lastEntry(db, job.id, 'device.erased');
  if (!entry || entry.deviceId === null)
    throw new WaybillError('NotFound', { what: 'erasure of the device of job', id: job.id });
  const [device] = await db.select().from(devices).where(eq(devices.id, entry.deviceId));
  const { detail } = entry;
  const medium = recordOf(detail.medium);
  const sealed = await lastEntry(db, job.id, 'job.sealed', entry.seq);
  const ordered = await startedBy(db, job.id, entry.seq);
  const destroyed = await lastEntry(db, job.id, 'credentials.key-destroyed');
  const unverified = detail.unverified ? recordOf(detail.unverified) : undefined;
  const actors = [entry, ordered, destroyed].flatMap((one) => one?.actor ?? []);
  const names = await actorNames(db, [...actors, textOf(unverified?.by) ?? entry.actor]);
  const way: EraseMethod = isMethod(medium.way) ? medium.way : 'overwrite';
  const { technique, limits } = ERASE_METHODS[way];
  return {
    format: 'waybill-erasure/1',
    issuedAt: now.toISOString(),
    job: { id: job.id, name: job.name, option: job.option, type: job.type },
    device: {
      id: entry.deviceId,
      owner: device?.owner ?? OPTION_RULES[job.option].owner,
      capacityBytes: device?.capacityBytes ?? 0,
      serial: textOf(medium.serial) ?? null,
      model: textOf(medium.model) ?? null,
      simulated: flagOf(medium.simulated) ?? device?.measure?.simulated ?? false,
    },
    volumeId: job.volumeId,
    encrypted: job.encrypted,
    held: sealed ? heldOf(sealed) : null,
    verified: flagOf(detail.verified),
    unverified: unverified ? decisionOf(unverified, names) : null,
    erased: { files: countOf(detail.files), bytes: countOf(detail.bytes), at: entry.at },
    method: {
      way,
      done: textOf(detail.method) ?? ERASE_METHODS[way].done,
      tool: textOf(medium.tool) ?? null,
      standard: 'NIST SP 800-88 Rev. 1',
      technique,
      limits,
    },
    by: { actor: entry.actor, name: names.of(entry.actor) },
    orderedBy: ordered
      ? { actor: ordered.actor, name: names.of(ordered.actor), at: ordered.at }
      : null,
    keyDestroyed: destroyed
      ? decisionOf({ by: destroyed.actor, at: destroyed.at, note: destroyed.detail.note }, names)
      : null,
    custody: { seq: entry.seq, hash: entry.hash },
  };
}

/** The last entry of a kind of a job; before another entry, if given. */
async function lastEntry(
  db: Reader,
  jobId: string,
  kind: CustodyKind,
  before?: number,
): Promise<Entry | undefined> {
  const earlier = before === undefined ? undefined : lt(custody.seq, before);
  const [entry] = await db
    .select()
    .from(custody)
    .where(and(eq(custody.jobId, jobId), eq(custody.kind, kind), earlier))
    .orderBy(desc(custody.seq))
    .limit(1);
  return entry;
}

/** Who began it, where it was a step of the job. */
async function startedBy(db: Reader, jobId: string, before: number): Promise<Entry | undefined> {
  const steps = await db
    .select()
    .from(custody)
    .where(
      and(eq(custody.jobId, jobId), eq(custody.kind, 'job.transition'), lt(custody.seq, before)),
    )
    .orderBy(asc(custody.seq));
  return steps.findLast(({ detail }) => detail.action === 'start-erase');
}

const heldOf = ({ detail }: Entry) => ({
  objects: countOf(detail.objects),
  bytes: countOf(detail.bytes),
  sealDigest: textOf(detail.sealDigest) ?? '',
});

function decisionOf({ by, at, note }: Record<string, unknown>, names: ActorNames) {
  const actor = textOf(by) ?? '';
  return { by: actor, byName: names.of(actor), at: textOf(at) ?? '', note: textOf(note) ?? '' };
}

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const countOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
const flagOf = (value: unknown): boolean | null => (typeof value === 'boolean' ? value : null);
const isMethod = (value: unknown): value is EraseMethod =>
  typeof value === 'string' && Object.hasOwn(ERASE_METHODS, value);
