import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { custodyRow } from '../../lib/api/schemas/work-schemas.ts';
import type { CustodyEntry } from '../../lib/domain/custody.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import { readTar, type TarMember } from '../../lib/files/tar-reader.ts';
import { hashOfEntry } from '../../lib/keys/custody/chain.ts';
import { readHead } from '../../lib/keys/custody/head.ts';
import type { StatementSigner, Trust } from '../../lib/keys/statements.ts';
import {
  PROOF_PARTS,
  PROOF_STATEMENT,
  type ProofStatement,
  readProofStatement,
} from '../../lib/keys/transfer-proof.ts';
import { logRows } from './log-rows.ts';

/** What an offline look at a proof of transfer finds. */
export interface CheckedProof {
  proof: ProofStatement;
  signer: StatementSigner;
  /** What contradicts the signed statement, or one part another. */
  problems: string[];
}

type Entry = CustodyEntry & { hash: string };

/** What was seen of the parts on the way through the file. */
interface Seen {
  parts: { name: string; bytes: number; sha256: string }[];
  /** Objects and their bytes, by log. */
  logs: Record<string, { objects: number; bytes: number }>;
  entries: Entry[];
  head: Buffer | undefined;
  statement: Buffer | undefined;
}

/** Of parts that are held in memory: custody entries, a head, the statement. */
const HELD_BYTES_MAX = 64 * 1024 * 1024;

/** The bytes of a proof. Throws Usage when the file cannot be read. */
export async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }))
      yield chunk as Uint8Array;
  } catch (error) {
    throw new WaybillError('Usage', { detail: `${path} cannot be read` }, { cause: error });
  }
}

/**
 * Reads a proof once, from its first byte to its last, in bounded memory, and compares everything in it. Throws
 * TarInvalid for what is no proof, SignatureInvalid when another signed it, or nobody.
 */
export async function checkProof(path: string, trust: Trust): Promise<CheckedProof> {
  const seen: Seen = { parts: [], logs: {}, entries: [], head: undefined, statement: undefined };
  for await (const member of readTar(bytesOf(path))) {
    if (seen.statement)
      throw new WaybillError('TarInvalid', { detail: 'something follows its end' });
    await look(member, seen);
  }
  if (!seen.statement)
    throw new WaybillError('TarInvalid', { detail: 'its signed end is missing' });
  const { proof, signer } = readProofStatement(seen.statement, { trust });
  const problems = [
    ...partProblems(proof, seen),
    ...logProblems(proof, seen),
    ...custodyProblems(proof, seen, trust),
  ];
  return { proof, signer, problems };
}

async function look({ name, bytes, content }: TarMember, seen: Seen): Promise<void> {
  const hash = createHash('sha256');
  const hashed = tapped(content, (chunk) => hash.update(chunk));
  if (name === PROOF_PARTS.success || name === PROOF_PARTS.failure) {
    const count = { objects: 0, bytes: 0 };
    for await (const row of logRows(hashed)) {
      count.objects += 1;
      count.bytes += row.bytes;
    }
    seen.logs[name] = count;
  } else {
    if (bytes > HELD_BYTES_MAX)
      throw new WaybillError('TarInvalid', { detail: `${name} is too large` });
    const parts: Uint8Array[] = [];
    for await (const chunk of hashed) parts.push(chunk);
    const whole = Buffer.concat(parts);
    if (name === PROOF_STATEMENT) seen.statement = whole;
    if (name === PROOF_PARTS.head) seen.head = whole;
    if (name === PROOF_PARTS.custody) seen.entries = entriesOf(whole);
  }
  if (name !== PROOF_STATEMENT) seen.parts.push({ name, bytes, sha256: hash.digest('hex') });
}

async function* tapped(
  content: AsyncIterable<Uint8Array>,
  tap: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    tap(chunk);
    yield chunk;
  }
}

function entriesOf(lines: Buffer): Entry[] {
  try {
    return lines
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => custodyRow.parse(JSON.parse(line)) as Entry);
  } catch {
    throw new WaybillError('TarInvalid', { detail: 'its custody entries cannot be read' });
  }
}

/** Every part is the one that was signed, and there is no other. */
function partProblems({ parts }: ProofStatement, seen: Seen): string[] {
  const found = new Map(seen.parts.map((part) => [part.name, part]));
  const changed = parts.flatMap(({ name, bytes, sha256 }) => {
    const part = found.get(name);
    if (!part) return [`${name} is missing`];
    return part.bytes === bytes && part.sha256 === sha256 ? [] : [`${name} was changed`];
  });
  const signed = new Set(parts.map(({ name }) => name));
  const strange = seen.parts.filter(({ name }) => !signed.has(name));
  const twice = seen.parts.length - found.size;
  return [
    ...changed,
    ...strange.map(({ name }) => `${name} was not signed`),
    ...(twice > 0 ? ['a part is there twice'] : []),
  ];
}

/** The logs hold what the report counts. */
function logProblems({ report, source }: ProofStatement, { logs }: Seen): string[] {
  const success = logs[PROOF_PARTS.success];
  const wanted = `${report.objects} objects, ${report.bytes} bytes`;
  const found = success && `${success.objects} objects, ${success.bytes} bytes`;
  return [
    ...(found === wanted ? [] : [`the report counts ${wanted}, its log ${found ?? 'nothing'}`]),
    ...(!source || source.sealDigest === report.sealDigest
      ? []
      : ['the report is of another seal than the one that the console knew']),
  ];
}

/** The entries are genuine, and say the same of seal and report. */
function custodyProblems(proof: ProofStatement, seen: Seen, trust: Trust): string[] {
  const { entries, parts } = seen;
  const problems = entries.flatMap(({ hash, ...entry }, i) => {
    if (hashOfEntry(entry) !== hash) return [`custody entry ${entry.seq} was changed`];
    if (entry.jobId !== proof.job.id) return [`custody entry ${entry.seq} is of another job`];
    const before = entries[i - 1];
    return before && before.seq >= entry.seq ? ['custody entries are out of order'] : [];
  });
  if (entries.length !== proof.custody.entries) problems.push('custody entries are missing');
  if (!seen.head) return [...problems, 'the head of the custody log is missing'];
  const { head } = readHead(seen.head, { trust });
  const last = entries.at(-1);
  if (last && (last.seq > head.seq || (last.seq === head.seq && last.hash !== head.hash)))
    problems.push('the head of the custody log does not cover its entries');
  const reported = entries.findLast(({ kind }) => kind === 'job.report')?.detail.sha256;
  const digests = (typeof reported === 'object' && reported !== null ? reported : {}) as Record<
    string,
    unknown
  >;
  for (const { name, sha256 } of parts)
    if (name in digests && digests[name] !== sha256)
      problems.push(`${name} is not the one that the custody log names`);
  const sealed = entries.findLast(({ kind }) => kind === 'job.sealed')?.detail.sealDigest;
  if (proof.source && sealed !== undefined && sealed !== proof.source.sealDigest)
    problems.push('the custody log names another seal');
  return problems;
}
