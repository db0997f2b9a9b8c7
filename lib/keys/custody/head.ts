import { WaybillError } from '../../domain/errors.ts';
import { fingerprint, type KeyedCertificate } from '../certificates.ts';
import { readStatement, type StatementSigner, signStatement, type Trust } from '../statements.ts';

/**
 * The head of the custody log, signed by the installation's authority: how many entries the log had at a time, and the
 * hash of the last one, which covers all before it. A copy of it that lies elsewhere shows whether the log was cut off or
 * written anew since.
 */
export interface CustodyHead {
  /** Number of the last entry. */
  seq: number;
  /** How many entries there are: their numbers have no gap. */
  count: number;
  /** Hash of the last entry, hex. */
  hash: string;
  /** SHA-256 fingerprint of the authority's certificate, hex: whose log it is. */
  installation: string;
  /** ISO 8601. */
  at: string;
}

/** A head in the form in which it is kept and travels. */
export interface SignedHead {
  seq: number;
  hash: string;
  at: string;
  /** CMS SignedData, DER. */
  der: Buffer;
}

export function signHead(
  last: { seq: number; hash: string },
  authority: KeyedCertificate,
  now: Date,
): SignedHead {
  const head: CustodyHead = {
    seq: last.seq,
    count: last.seq,
    hash: last.hash,
    installation: fingerprint(authority.certificatePem),
    at: now.toISOString(),
  };
  const der = signStatement('custody-head', head, authority, now);
  return { seq: head.seq, hash: head.hash, at: head.at, der };
}

const HASH = /^[0-9a-f]{64}$/;

/** Checks and reads a signed head. Throws SignatureInvalid. */
export function readHead(
  der: Uint8Array,
  options: { trust: Trust; now?: Date | undefined },
): { head: CustodyHead; signer: StatementSigner } {
  const { facts, signer } = readStatement('custody-head', der, options);
  const { seq, count, hash, at, installation } = facts;
  const isWhole =
    typeof seq === 'number' &&
    Number.isSafeInteger(seq) &&
    seq > 0 &&
    count === seq &&
    typeof hash === 'string' &&
    HASH.test(hash) &&
    typeof at === 'string' &&
    !Number.isNaN(Date.parse(at)) &&
    installation === signer.fingerprint;
  if (!isWhole) throw refuse('its facts are missing or wrong');
  return { head: { seq, count: seq, hash, at, installation: signer.fingerprint }, signer };
}

const refuse = (detail: string): WaybillError =>
  new WaybillError('SignatureInvalid', { what: 'the head of the custody log', detail });

const LINE = 64;

/** A head as text (RFC 7468, label CMS), for mails and paper; `openssl cms -inform PEM` reads it. */
export function headText(der: Uint8Array): string {
  const base64 = Buffer.from(der).toString('base64');
  const lines = base64.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return ['-----BEGIN CMS-----', ...lines, '-----END CMS-----', ''].join('\n');
}

/**
 * The DER of a head in a file that somebody kept: the file itself, or text with a block of PEM in it, such as a mail or
 * the message of a webhook.
 */
export function headIn(file: Uint8Array): Buffer {
  const bytes = Buffer.from(file);
  // A SEQUENCE begins DER; no text begins with that byte but a digit.
  if (bytes[0] === 0x30 && (bytes[1] ?? 0) > 0x7f) return bytes;
  const text = bytes.toString('latin1').replaceAll('\\n', '\n');
  const block = /-----BEGIN CMS-----([^-]+)-----END CMS-----/.exec(text)?.[1];
  if (block === undefined) throw refuse('there is none in the file');
  // A mail as it was sent is quoted-printable (RFC 2045 §6.7); an answered one has `>` before each line.
  const base64 = block
    .replace(/=\r?\n/g, '')
    .replaceAll('=3D', '=')
    .replace(/[\s>]/g, '');
  return Buffer.from(base64, 'base64');
}
