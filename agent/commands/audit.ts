import { createReadStream } from 'node:fs';
import { z } from 'zod';
import type { AnswerOf } from '../../lib/api/contract.ts';
import { custodyRow } from '../../lib/api/schemas/work-schemas.ts';
import type { CustodyEntry } from '../../lib/domain/custody.ts';
import { EXIT, WaybillError } from '../../lib/domain/errors.ts';
import { fingerprint } from '../../lib/keys/certificates.ts';
import { unverifiedSigner } from '../../lib/keys/cms.ts';
import { CustodyChain, describeDifference } from '../../lib/keys/custody/chain.ts';
import { headIn, readHead } from '../../lib/keys/custody/head.ts';
import type { StatementSigner } from '../../lib/keys/statements.ts';
import { consoleClient } from '../console/client.ts';
import type { ConsoleOptions } from '../console/sign-in.ts';
import { type TrustOptions, trustOf } from '../console/trust.ts';
import type { Context, Finished } from '../host/context.ts';
import { refuseExisting, writePrivate } from '../host/private-file.ts';
import { readGiven } from '../host/read-input-file.ts';
import { custodyItem } from '../output/custody-lines.ts';
import type { Output } from '../output/output.ts';
import type { FileOptions } from './job-credentials.ts';

export interface VerifyAuditOptions extends ConsoleOptions, TrustOptions {
  /** Signed heads that were kept elsewhere. */
  head?: string[];
  /** A log that was downloaded; else the console is asked. */
  log?: string;
}

/**
 * Checks the hash chain of the custody log and compares it with signed heads; exit code 1 when it is broken, or not the
 * log that a head vouches for. With a head the whole log is read and checked here: the console's word is not taken.
 */
export async function verifyAudit(
  options: VerifyAuditOptions,
  { output }: Context,
): Promise<Finished> {
  const files = options.head ?? [];
  if (files.length === 0 && options.log === undefined) return askConsole(options, output);
  const trust = await trustOf(options);
  const heads = files.map((file) => ({ file, ...readHead(headIn(readGiven(file)), { trust }) }));
  const chain = new CustodyChain(heads.map(({ head }) => head.seq));
  for await (const entry of logEntries(options)) if (!chain.add(entry)) break;
  const { entries, brokenAt, head } = chain.check;
  const problems = heads.flatMap((kept) => {
    const difference = chain.differsFrom(kept.head);
    if (!difference) return [];
    const says = describeDifference(difference, kept.head, entries);
    return [{ seq: kept.head.seq, from: kept.file, says }];
  });
  const signers = heads.map(({ signer }) => signer);
  const newest = heads.map((kept) => kept.head).sort((x, y) => y.seq - x.seq)[0];
  return show(output, {
    entries,
    brokenAt: brokenAt ?? null,
    head,
    heads: {
      compared: heads.length,
      contradicted: problems.length,
      newest: newest ?? null,
      problems,
      strays: [],
    },
    signedBy: signers[0] ?? null,
  });
}

type Check = Omit<AnswerOf<'verifyCustody'>, 'heads'> & {
  heads: {
    compared: number;
    contradicted: number;
    newest: { seq: number; at: string } | null;
    problems: { seq: number; from: string; says: string }[];
    strays: string[];
  };
  signedBy?: StatementSigner | null;
};

async function askConsole(options: ConsoleOptions, output: Output): Promise<Finished> {
  return show(output, await consoleClient(options).client.call('verifyCustody'));
}

function show(output: Output, check: Check): Finished {
  const { entries, brokenAt, head, heads, signedBy } = check;
  const whole = brokenAt === null && heads.problems.length === 0;
  const { newest, compared } = heads;
  const lines = [
    brokenAt === null
      ? whole
        ? `the custody log is whole: ${entries} entries, head ${head}`
        : `the chain of ${entries} entries holds together, and it is not the log that was signed`
      : `the custody log is broken at entry ${brokenAt}`,
    ...heads.problems.map(({ says, from }) => `${says} (${from})`),
    ...heads.strays.map((name) => `${name}: no signed head, not compared (file)`),
    `signed heads compared: ${compared}, contradicted: ${heads.contradicted}${newest ? `, the newest of entry ${newest.seq}, ${newest.at}` : ''}`,
    ...(signedBy ? [`signed by ${signedBy.name}, SHA-256 ${signedBy.fingerprint}`] : []),
  ];
  output.result({ facts: { ...check, whole }, lines });
  return whole ? EXIT.done : EXIT.problems;
}

const chunk = z.instanceof(Uint8Array);
const LINE_CHARS_MAX = 1024 * 1024;

/** The entries of the log, in a file or as the console sends them. Throws Usage for what is no log. */
async function* logEntries(options: VerifyAuditOptions): AsyncGenerator<AuditEntry> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const part of logBytes(options)) {
    const lines = (rest + decoder.decode(part, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_CHARS_MAX) throw noLog('a line is too long');
    for (const line of lines) yield entryOf(line);
  }
  if (rest.trim() !== '') yield entryOf(rest);
}

type AuditEntry = CustodyEntry & { hash: string };

function entryOf(line: string): AuditEntry {
  try {
    return custodyRow.parse(JSON.parse(line)) as AuditEntry;
  } catch {
    throw noLog('a line is no entry');
  }
}

const noLog = (detail: string): WaybillError =>
  new WaybillError('Usage', { detail: `that is no download of the custody log: ${detail}` });

async function* logBytes(options: VerifyAuditOptions): AsyncGenerator<Uint8Array> {
  if (options.log !== undefined) {
    try {
      for await (const part of createReadStream(options.log)) yield chunk.parse(part);
    } catch (error) {
      const detail = `${options.log} cannot be read`;
      throw new WaybillError('Usage', { detail }, { cause: error });
    }
    return;
  }
  const response = await consoleClient(options).client.call('exportCustody', { query: {} });
  for await (const part of response.body ?? []) yield chunk.parse(part);
}

/** Downloads the signed head of the custody log as it is now. */
export async function downloadHead(options: FileOptions, { output }: Context): Promise<Finished> {
  const { client } = consoleClient(options);
  const response = await client.call('custodyHead');
  const der = new Uint8Array(await response.arrayBuffer());
  const { seq, hash, at } = unverifiedHead(der);
  const path = options.output ?? `custody-head-${seq}.cms`;
  await writePrivate(path, der, { replace: options.force ?? false });
  output.result({
    facts: { seq, hash, at, file: path },
    lines: [
      `head of entry ${seq}, signed ${at}: ${path}`,
      'keep it where the console cannot write',
    ],
  });
  return EXIT.done;
}

function unverifiedHead(der: Uint8Array) {
  const trust = { fingerprint: fingerprint(unverifiedSigner(der)) };
  return readHead(der, { trust }).head;
}

/** Downloads the whole log as JSON Lines. */
export async function exportAudit(options: FileOptions, { output }: Context): Promise<Finished> {
  const { client } = consoleClient(options);
  const path = options.output ?? 'custody-log.jsonl';
  const replace = options.force ?? false;
  refuseExisting(path, replace);
  const response = await client.call('exportCustody', { query: {} });
  await writePrivate(path, bytesOf(response), { replace });
  output.result({ facts: { file: path }, lines: [`custody log: ${path}`] });
  return EXIT.done;
}

async function* bytesOf(response: Response): AsyncGenerator<Uint8Array> {
  for await (const part of response.body ?? []) yield chunk.parse(part);
}

const PAGE = 500;

/** Lists entries of the custody log, newest first. */
export async function listAudit(
  options: ConsoleOptions & { limit: number },
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  let left = options.limit;
  let before: number | null = null;
  do {
    const query = { limit: Math.min(PAGE, left), ...(before === null ? {} : { before }) };
    const page: Awaited<ReturnType<typeof read>> = await read(query);
    for (const entry of page.entries) output.item(custodyItem(entry));
    left -= page.entries.length;
    before = page.next;
  } while (before !== null && left > 0);
  const entries = options.limit - left;
  output.result({ facts: { entries, more: before !== null }, lines: [`${entries} entries`] });
  return 0;

  async function read(query: { limit: number; before?: number }) {
    return client.call('listCustody', { query });
  }
}
