import { createHash } from 'node:crypto';
import { asc, desc, eq, gt, lt } from 'drizzle-orm';
import {
  type CustodyEntry,
  type CustodyKind,
  custodyHash,
  GENESIS_HASH,
} from '../domain/custody.ts';
import type { Actor } from './actor.ts';
import type { Reader, Tx } from './db/client.ts';
import { custody } from './db/schema.ts';

const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');

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

/** Entries of the whole log, newest first, from below `before`. */
export async function listCustody(
  db: Reader,
  page: { before?: number | undefined; limit: number },
) {
  const rest = page.before === undefined ? undefined : lt(custody.seq, page.before);
  return db.select().from(custody).where(rest).orderBy(desc(custody.seq)).limit(page.limit);
}

const BATCH = 1000;

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
