import { createHash } from 'node:crypto';
import { and, asc, desc, eq, gt, gte, lt, sql } from 'drizzle-orm';
import {
  type CustodyEntry,
  type CustodyKind,
  custodyHash,
  GENESIS_HASH,
} from '../domain/custody.ts';
import type { Actor } from './actor.ts';
import { isActor } from './actor-names.ts';
import type { Reader, Tx } from './db/client.ts';
import { custody } from './db/schema.ts';

const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');

const BATCH = 1000;

/** What is put into the log. `detail` is never a secret. */
export interface CustodyEvent {
  kind: CustodyKind;
  jobId?: string;
  deviceId?: string;
  detail: Record<string, unknown>;
}

/** Appends an entry in the transaction of the change it records. */
export async function appendCustody(
  tx: Tx,
  actor: Actor,
  event: CustodyEvent,
  at: Date,
): Promise<void> {
  const [last] = await tx.select().from(custody).orderBy(desc(custody.seq)).limit(1);
  const entry: CustodyEntry = {
    seq: (last?.seq ?? 0) + 1,
    at: at.toISOString(),
    kind: event.kind,
    jobId: event.jobId ?? null,
    deviceId: event.deviceId ?? null,
    actor: actor.id,
    channel: actor.channel,
    detail: event.detail,
    previousHash: last?.hash ?? GENESIS_HASH,
  };
  await tx.insert(custody).values({ ...entry, hash: custodyHash(entry, sha256Hex) });
}

/** The entries of a job, oldest first. */
export async function custodyOf(db: Reader, jobId: string) {
  return db.select().from(custody).where(eq(custody.jobId, jobId)).orderBy(asc(custody.seq));
}

/** Which entries of the log are meant. */
export interface CustodyFilter {
  /** A kind such as "job.created", or the part before its dot. */
  kind?: string | undefined;
  actor?: string | undefined;
  jobId?: string | undefined;
  deviceId?: string | undefined;
  /** From this time on, ISO 8601. */
  from?: string | undefined;
  /** Before this time. */
  to?: string | undefined;
}

function matching({ kind, actor, jobId, deviceId, from, to }: CustodyFilter) {
  const group = kind !== undefined && !kind.includes('.');
  return and(
    kind === undefined
      ? undefined
      : group
        ? sql`substr(${custody.kind}, 1, ${kind.length + 1}) = ${`${kind}.`}`
        : sql`${custody.kind} = ${kind}`,
    actor === undefined ? undefined : isActor(custody.actor, actor),
    jobId === undefined ? undefined : eq(custody.jobId, jobId),
    deviceId === undefined ? undefined : eq(custody.deviceId, deviceId),
    from === undefined ? undefined : gte(custody.at, new Date(from).toISOString()),
    to === undefined ? undefined : lt(custody.at, new Date(to).toISOString()),
  );
}

/** Entries of the log that match, newest first, from below `before`. */
export async function listCustody(
  db: Reader,
  page: { before?: number | undefined; limit: number } & CustodyFilter,
) {
  const { before, limit, ...filter } = page;
  const rest = before === undefined ? undefined : lt(custody.seq, before);
  return db
    .select()
    .from(custody)
    .where(and(rest, matching(filter)))
    .orderBy(desc(custody.seq))
    .limit(limit);
}

/** The entries that match as JSON Lines, oldest first; read page by page as they are sent. */
export async function* custodyLines(db: Reader, filter: CustodyFilter): AsyncGenerator<string> {
  let after = 0;
  for (;;) {
    const rows = await db
      .select()
      .from(custody)
      .where(and(gt(custody.seq, after), matching(filter)))
      .orderBy(asc(custody.seq))
      .limit(BATCH);
    if (rows.length > 0) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    after = rows.at(-1)?.seq ?? after;
    if (rows.length < BATCH) return;
  }
}

/** Result of checking the chain: how many entries, and the first that does not follow. */
export interface CustodyCheck {
  entries: number;
  brokenAt: number | undefined;
  /** Hash of the last entry: kept elsewhere, it shows that the end was not cut off. */
  head: string;
}

/** Checks the whole chain. */
export async function verifyCustody(db: Reader): Promise<CustodyCheck> {
  let head = GENESIS_HASH;
  let entries = 0;
  for (;;) {
    const rows = await db
      .select()
      .from(custody)
      .where(gt(custody.seq, entries))
      .orderBy(asc(custody.seq))
      .limit(BATCH);
    for (const { hash, ...entry } of rows) {
      const follows = entry.seq === entries + 1 && entry.previousHash === head;
      if (!follows || custodyHash(entry, sha256Hex) !== hash)
        return { entries, brokenAt: entry.seq, head };
      head = hash;
      entries += 1;
    }
    if (rows.length < BATCH) return { entries, brokenAt: undefined, head };
  }
}
