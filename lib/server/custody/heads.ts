import { and, asc, desc, eq, gt, gte, inArray } from 'drizzle-orm';
import type { CustodyKind } from '../../domain/custody.ts';
import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { FINAL_STATES } from '../../domain/lifecycle.ts';
import { type SignedHead, signHead as sign } from '../../keys/custody/head.ts';
import type { ServerContext } from '../context/server-context.ts';
import type { Reader } from '../db/database.ts';
import { custody, custodyHeads } from '../db/schema/custody.ts';
import { headFiles, type KeptHead, keepFile, newestFile } from './head-files.ts';
import { breakBetween } from './log.ts';

/**
 * Signs the head of the custody log: at least hourly while it grows, and with everything that completes. Heads are kept
 * in the database and as files beside it, so that who can change the one does not reach the other.
 */

export type HeadKeeper = Pick<ServerContext, 'db' | 'authority' | 'paths'>;

const HOUR_MS = 3_600_000;

/**
 * The signed head of the log as it is now; made when there is none yet. Undefined while the log is empty. A log that
 * contradicts what was signed before, or does not follow, is not signed again. Throws CustodyContradicted, CustodyBroken.
 */
export async function signHead(keeper: HeadKeeper, now: Date): Promise<SignedHead | undefined> {
  const { db, authority, paths } = keeper;
  const asFile = newestFile(paths.custodyHeads);
  const head = await db.transaction(async (tx) => {
    const last = await lastEntry(tx);
    const newest = await newestHead(tx);
    for (const kept of [newest, asFile]) if (kept) await requireUnchanged(tx, kept);
    if (!last) return undefined;
    await requireChain(tx, newest?.seq ?? 1, last.seq);
    if (newest?.seq === last.seq) return newest;
    const made = sign(last, authority, now);
    const { seq, hash, at, der } = made;
    await tx.insert(custodyHeads).values({ seq, hash, at, cms: der.toString('base64') });
    return made;
  });
  if (head) keepFile(paths.custodyHeads, head);
  return head;
}

/** The head as it is now; the newest that was signed where the log contradicts it. */
export const headOrOlder = (keeper: HeadKeeper, now: Date): Promise<SignedHead | undefined> =>
  signHead(keeper, now).catch((error: unknown) => {
    if (!isWaybillError(error, 'CustodyContradicted', 'CustodyBroken')) throw error;
    return newestHead(keeper.db.read);
  });

/**
 * Before the authority signs what entries of the log say: they and all after them follow, and agree with the heads that
 * were signed over them. Of the log before `from` nothing is said. Throws CustodyBroken, CustodyContradicted.
 */
export async function requireSoundLog(
  { db, paths }: Pick<HeadKeeper, 'db' | 'paths'>,
  from: number,
): Promise<void> {
  const last = await lastEntry(db.read);
  await requireChain(db.read, from, last?.seq ?? 0);
  const later = await db.read
    .select({ seq: custodyHeads.seq, hash: custodyHeads.hash })
    .from(custodyHeads)
    .where(gte(custodyHeads.seq, from));
  const inFiles = headFiles(paths.custodyHeads).filter(({ seq }) => seq >= from);
  for (const kept of [...later, ...inFiles]) await requireUnchanged(db.read, kept);
}

async function requireChain(db: Reader, from: number, to: number): Promise<void> {
  const seq = await breakBetween(db, from, to);
  if (seq !== undefined) throw new WaybillError('CustodyBroken', { seq });
}

export async function lastEntry(db: Reader) {
  const [last] = await db.select().from(custody).orderBy(desc(custody.seq)).limit(1);
  return last;
}

async function requireUnchanged(db: Reader, { seq, hash }: KeptHead): Promise<void> {
  const [entry] = await db.select().from(custody).where(eq(custody.seq, seq));
  if (entry?.hash !== hash) throw new WaybillError('CustodyContradicted', { seq });
}

const ofRow = ({ seq, hash, at, cms }: typeof custodyHeads.$inferSelect): SignedHead => ({
  seq,
  hash,
  at,
  der: Buffer.from(cms, 'base64'),
});

/** Number, hash and time of each head in the database, oldest first. */
export const headNames = (db: Reader) =>
  db
    .select({ seq: custodyHeads.seq, hash: custodyHeads.hash, at: custodyHeads.at })
    .from(custodyHeads)
    .orderBy(asc(custodyHeads.seq));

/** The head that vouches for the log up to an entry. */
export async function headAt(db: Reader, seq: number): Promise<SignedHead | undefined> {
  const [row] = await db.select().from(custodyHeads).where(eq(custodyHeads.seq, seq));
  return row && ofRow(row);
}

/** The newest head that was signed. */
export async function newestHead(db: Reader): Promise<SignedHead | undefined> {
  const [row] = await db.select().from(custodyHeads).orderBy(desc(custodyHeads.seq)).limit(1);
  return row && ofRow(row);
}

/** Entries after which a head is signed at once; of transitions those that end a job. */
const COMPLETING: CustodyKind[] = ['job.report', 'device.erased', 'job.transition'];
const LOOKED_AT = 500;

/**
 * Whether a head has to be signed: something has completed, or the last head is an hour old and does not cover all.
 * Entries up to `lookedTo` are known to complete nothing.
 */
export async function isHeadDue(db: Reader, now: Date, lookedTo = 0): Promise<boolean> {
  const newest = await newestHead(db);
  const covered = newest?.seq ?? 0;
  const [uncovered] = await db.select().from(custody).where(gt(custody.seq, covered)).limit(1);
  if (!uncovered) return false;
  // An entry that is an hour old is covered, also where nothing was signed before.
  if (now.getTime() - Date.parse(newest?.at ?? uncovered.at) >= HOUR_MS) return true;
  return (await firstCompletion(db, Math.max(covered, lookedTo))) !== undefined;
}

/** The first entry after another that a head has to be signed for at once; of a long row of steps any one. */
export async function firstCompletion(
  db: Reader,
  after: number,
): Promise<typeof custody.$inferSelect | undefined> {
  const rows = await db
    .select()
    .from(custody)
    .where(and(gt(custody.seq, after), inArray(custody.kind, COMPLETING)))
    .orderBy(asc(custody.seq))
    .limit(LOOKED_AT);
  const ended: readonly unknown[] = FINAL_STATES;
  const completion = rows.find(
    ({ kind, detail }) => kind !== 'job.transition' || ended.includes(detail.to),
  );
  return completion ?? (rows.length === LOOKED_AT ? rows[0] : undefined);
}

/** Signs a head when one is due. Any number of processes may do it: the row decides. */
export async function signDueHead(
  keeper: HeadKeeper,
  now: Date,
  lookedTo = 0,
): Promise<SignedHead | undefined> {
  return (await isHeadDue(keeper.db.read, now, lookedTo)) ? signHead(keeper, now) : undefined;
}

/** Writes files that are missing, of a process that ended between database and file. */
export async function keepHeadFiles({ db, paths }: HeadKeeper): Promise<void> {
  const there = new Set(headFiles(paths.custodyHeads).map(({ seq }) => seq));
  for (const { seq } of await headNames(db.read)) {
    const head = there.has(seq) ? undefined : await headAt(db.read, seq);
    if (head) keepFile(paths.custodyHeads, head);
  }
}

const LOOK_MS = 1_000;
/** How often a failure is told again. */
const TOLD_EVERY_MS = HOUR_MS;

/**
 * Signs what is due while the console runs. What it gives ends that, and covers the last entries with a head: call it
 * when the console is asked to end.
 */
export function startCustodyHeads(
  context: HeadKeeper & Pick<ServerContext, 'log' | 'custody'>,
): () => Promise<void> {
  let busy = false;
  let told = 0;
  let lookedTo = 0;
  const failed = (error: unknown) => {
    if (isWaybillError(error, 'CustodyContradicted', 'CustodyBroken'))
      context.custody.alarm = error.message;
    if (Date.now() - told < TOLD_EVERY_MS) return;
    told = Date.now();
    context.log.error({ error: String(error) }, 'the head of the custody log was not signed');
  };
  const look = async () => {
    const last = await lastEntry(context.db.read);
    await signDueHead(context, new Date(), lookedTo);
    lookedTo = last?.seq ?? 0;
  };
  void keepHeadFiles(context).catch(failed);
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void look()
      .catch(failed)
      .finally(() => {
        busy = false;
      });
  }, LOOK_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await signHead(context, new Date()).catch(failed);
  };
}
