import { and, asc, desc, eq, gt, gte, lt, lte, sql } from 'drizzle-orm';
import { type CustodyEntry, type CustodyKind, GENESIS_HASH } from '../../domain/custody.ts';
import { CustodyChain, type CustodyCheck, hashOfEntry } from '../../keys/custody/chain.ts';
import type { Actor } from '../actors/actor.ts';
import { isActor } from '../actors/actor-names.ts';
import type { Reader, Tx } from '../db/database.ts';
import { custody } from '../db/schema/custody.ts';

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
  await tx.insert(custody).values({ ...entry, hash: hashOfEntry(entry) });
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

/** Checks the whole chain. Heads that vouch for it are another matter: `checkCustody`. */
export async function verifyCustody(db: Reader): Promise<CustodyCheck> {
  return (await followChain(db, [])).check;
}

/**
 * Follows the chain from an entry to another. Undefined when it holds; else the number of the first entry that does not
 * follow. Starts at the entry before, whose own hash has to fit too.
 */
export async function breakBetween(
  db: Reader,
  from: number,
  to: number,
): Promise<number | undefined> {
  let previous = from <= 1 ? GENESIS_HASH : undefined;
  let next = Math.max(1, from - 1);
  while (next <= to) {
    const rows = await db
      .select()
      .from(custody)
      .where(and(gte(custody.seq, next), lte(custody.seq, to)))
      .orderBy(asc(custody.seq))
      .limit(BATCH);
    if (rows.length === 0) return next;
    for (const { hash, ...entry } of rows) {
      const follows = previous === undefined || entry.previousHash === previous;
      if (entry.seq !== next || !follows || hashOfEntry(entry) !== hash) return next;
      previous = hash;
      next += 1;
    }
  }
  return undefined;
}

/** Follows the chain from its first entry to its end, or to the first that does not follow. */
export async function followChain(db: Reader, wanted: Iterable<number>): Promise<CustodyChain> {
  const chain = new CustodyChain(wanted);
  for (;;) {
    const after = chain.check.entries;
    const rows = await db
      .select()
      .from(custody)
      .where(gt(custody.seq, after))
      .orderBy(asc(custody.seq))
      .limit(BATCH);
    for (const row of rows) if (!chain.add(row)) return chain;
    if (rows.length < BATCH) return chain;
  }
}
