import { readFileSync } from 'node:fs';
import { WaybillError } from '../../domain/errors.ts';
import { headIn } from '../../keys/custody/head.ts';
import { checkCustody, isWhole } from '../custody/check.ts';
import { openAuthority } from '../startup/authority.ts';
import type { Admin } from './open-admin.ts';

/**
 * Checks the custody log of a data directory against the heads in it, and one that was kept elsewhere. Throws Usage for a
 * file that cannot be read, SignatureInvalid for a head that is not genuine.
 */
export async function auditCheck(
  { db, kms, paths }: Admin,
  headFile?: string,
): Promise<{ whole: boolean; text: string }> {
  const now = new Date();
  const authority = await openAuthority(db, kms, now);
  const given = headFile === undefined ? [] : [headIn(readGiven(headFile))];
  const check = await checkCustody({ db, paths, authority }, given, now);
  const { entries, brokenAt, head, heads } = check;
  const chain =
    brokenAt === undefined
      ? `the chain of ${entries} entries is whole; its head is ${head}`
      : `the chain is broken at entry ${brokenAt}; ${entries} entries before it are whole`;
  const problems = heads.problems.map(({ from, says }) => `${says} (${from})`);
  const compared = `${heads.compared} signed heads compared, ${heads.contradicted} contradicted`;
  const strays = heads.strays.map(
    (name) => `custody-heads/${JSON.stringify(name)} is no signed head: not compared`,
  );
  return { whole: isWhole(check), text: [chain, compared, ...problems, ...strays].join('\n') };
}

function readGiven(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new WaybillError('Usage', { detail: `${path} cannot be read` }, { cause: error });
  }
}
