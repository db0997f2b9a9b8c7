import { readFile } from 'node:fs/promises';
import { isWaybillError } from '../domain/errors.ts';
import { type CustodyCheck, describeDifference } from '../keys/custody-chain.ts';
import { readHead } from '../keys/custody-head.ts';
import type { Console } from './console.ts';
import { headAt, headFiles, headNames } from './custody-heads.ts';
import { followChain } from './custody-log.ts';
import type { Reader } from './db/client.ts';

/** A head that the log contradicts, or that is not genuine. */
export interface HeadProblem {
  /** Number of the entry that it vouches for. */
  seq: number;
  /** Where the head was: the database, a file of the data directory, or given by whoever asks. */
  from: 'database' | 'file' | 'given';
  says: string;
}

/** The chain, and every signed head that is kept or given, compared with it. */
export interface FullCheck extends CustodyCheck {
  heads: {
    /** How many different heads were compared. */
    compared: number;
    newest: { seq: number; at: string } | null;
    problems: HeadProblem[];
  };
}

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
  { db, authority, paths }: Pick<Console, 'db' | 'authority' | 'paths'>,
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
    ({ seq, hash, path }): Compared => ({ seq, hash, from: 'file', der: () => readFile(path) }),
  );
  const kept = [...inDatabase, ...inFiles].sort((a, b) => a.seq - b.seq);
  const all = [...kept, ...handed];
  const chain = await followChain(
    db.read,
    all.map(({ seq }) => seq),
  );
  const problems: HeadProblem[] = [];
  const trusted = all.length - SIGNATURES_CHECKED - handed.length;
  for (const [i, head] of all.entries()) {
    const difference = chain.differsFrom(head);
    if (!difference && i < trusted) continue;
    const { seq, from } = head;
    const found = await genuine(head, { trust, now });
    if ('says' in found) problems.push({ seq, from, says: found.says });
    else if (difference)
      problems.push({
        seq,
        from,
        says: describeDifference(difference, { seq, at: found.at }, chain.check.entries),
      });
  }
  const newest = rows.at(-1);
  return {
    ...chain.check,
    heads: {
      compared: new Set(all.map(({ seq, hash }) => `${seq} ${hash}`)).size,
      newest: newest ? { seq: newest.seq, at: newest.at } : null,
      problems,
    },
  };
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
