import { isWaybillError } from '../../domain/errors.ts';
import { type CustodyCheck, describeDifference } from '../../keys/custody/chain.ts';
import { readHead } from '../../keys/custody/head.ts';
import type { ServerContext } from '../context/server-context.ts';
import type { Reader } from '../db/database.ts';
import { headFiles, readHeadFile, strayFiles } from './head-files.ts';
import { firstCompletion, headAt, headNames, lastEntry } from './heads.ts';
import { followChain } from './log.ts';

/** A head that the log contradicts, or that is not genuine. */
export interface HeadProblem {
  /** Number of the entry that it vouches for. */
  seq: number;
  /** Where the head was: the database, a file, or given by whoever asks; `log`: the log needs one that is nowhere. */
  from: 'database' | 'file' | 'given' | 'log';
  says: string;
}

/** The chain, and every signed head that is kept or given, compared with it. */
export interface FullCheck extends CustodyCheck {
  heads: {
    /** How many different heads were compared. */
    compared: number;
    /** How many of them the log contradicts, or are not genuine. */
    contradicted: number;
    newest: { seq: number; at: string } | null;
    problems: HeadProblem[];
    /** What lies among the files of heads and is none. */
    strays: string[];
  };
}

/** Strays that are named. */
const STRAYS_SHOWN = 20;
/** A head is signed within a second of what completes; a console that ended at once signs it when it runs again. */
const SIGNED_WITHIN_MS = 60_000;
const NOT_COVERED_MS = 3_600_000;

interface Compared {
  seq: number;
  hash: string;
  from: HeadProblem['from'];
  der: () => Promise<Uint8Array>;
}

/** So many of the newest heads have their signatures checked, though the log agrees with them. */
const SIGNATURES_CHECKED = 200;

/**
 * Checks the chain and compares it with all signed heads: those in the database, those in files, and `given` (DER).
 * A head that agrees adds nothing to what the chain proves, so old ones are compared by name; each one that does not agree
 * is a problem, whether its signature holds or not. Throws SignatureInvalid for a given head that is not genuine.
 */
export async function checkCustody(
  { db, authority, paths }: Pick<ServerContext, 'db' | 'authority' | 'paths'>,
  given: readonly Uint8Array[],
  now: Date,
): Promise<FullCheck> {
  const trust = { caPem: authority.certificatePem };
  const handed = given.map((der): Compared => {
    const { head } = readHead(der, { trust, now });
    return { seq: head.seq, hash: head.hash, from: 'given', der: async () => der };
  });
  const rows = await headNames(db.read);
  const inDatabase = rows.map(
    ({ seq, hash }): Compared => ({ seq, hash, from: 'database', der: () => derOf(db.read, seq) }),
  );
  const inFiles = headFiles(paths.custodyHeads).map(
    ({ seq, hash, path }): Compared => ({ seq, hash, from: 'file', der: () => readHeadFile(path) }),
  );
  const kept = [...inDatabase, ...inFiles].sort((a, b) => a.seq - b.seq);
  const all = [...kept, ...handed];
  const chain = await followChain(
    db.read,
    all.map(({ seq }) => seq),
  );
  const problems: HeadProblem[] = [];
  const contradicted = new Set<string>();
  const trusted = all.length - SIGNATURES_CHECKED - handed.length;
  for (const [i, head] of all.entries()) {
    const difference = chain.differsFrom(head);
    if (!difference && i < trusted) continue;
    const { seq, from } = head;
    const found = await genuine(head, { trust, now });
    if (difference || 'says' in found) contradicted.add(nameOf(head));
    if ('says' in found) problems.push({ seq, from, says: found.says });
    else if (difference)
      problems.push({
        seq,
        from,
        says: describeDifference(difference, { seq, at: found.at }, chain.check.entries),
      });
  }
  const missing = await missingHead(db.read, kept, now);
  if (missing) problems.push(missing);
  const newest = rows.at(-1);
  return {
    ...chain.check,
    heads: {
      compared: new Set(all.map(nameOf)).size,
      contradicted: contradicted.size,
      newest: newest ? { seq: newest.seq, at: newest.at } : null,
      problems,
      strays: strayFiles(paths.custodyHeads).slice(0, STRAYS_SHOWN),
    },
  };
}

const nameOf = ({ seq, hash }: Pick<Compared, 'seq' | 'hash'>): string => `${seq} ${hash}`;

/** What completed long ago has a head: where none is kept that covers it, heads were removed. */
async function missingHead(
  db: Reader,
  kept: readonly Compared[],
  now: Date,
): Promise<HeadProblem | undefined> {
  const completion = await firstCompletion(db, kept.at(-1)?.seq ?? 0);
  const last = await lastEntry(db);
  if (!completion || !last) return undefined;
  const { seq, at } = completion;
  const from = 'log';
  const passed = (until: number) => until - Date.parse(at);
  if (kept.length === 0 && passed(now.getTime()) > SIGNED_WITHIN_MS)
    return {
      seq,
      from,
      says: `no signed head is kept, and one was due when entry ${seq} completed at ${at}: they were removed, or no console has run on this log since`,
    };
  if (passed(Date.parse(last.at)) > NOT_COVERED_MS)
    return { seq, from, says: `no signed head covers entry ${seq} of ${at}: it was removed` };
  return undefined;
}

async function derOf(db: Reader, seq: number): Promise<Uint8Array> {
  return (await headAt(db, seq))?.der ?? new Uint8Array();
}

/** When a kept head was signed; or why it is none that this installation signed. */
async function genuine(
  { seq, hash, der }: Compared,
  options: Parameters<typeof readHead>[1],
): Promise<{ at: string } | { says: string }> {
  try {
    const { head } = readHead(await der(), options);
    if (head.seq === seq && head.hash === hash) return { at: head.at };
    return { says: `the kept head of entry ${seq} was changed: it vouches for entry ${head.seq}` };
  } catch (error) {
    const detail = isWaybillError(error) ? error.message : 'it cannot be read';
    return { says: `the kept head of entry ${seq} was changed: ${detail}` };
  }
}

/** Whether nothing speaks against the log. */
export const isWhole = ({ brokenAt, heads }: FullCheck): boolean =>
  brokenAt === undefined && heads.problems.length === 0;
