import { X509Certificate } from 'node:crypto';
import { canonicalJson } from '../domain/custody.ts';
import { WaybillError } from '../domain/errors.ts';
import { fingerprint, type KeyedCertificate } from './certificates.ts';
import { signCms, unverifiedSigner, verifyCms } from './cms.ts';
import { SIGNED_KINDS } from './signed-kinds.ts';

/** Small JSON documents that the authority signs (CMS SignedData with its content inside), each with a format of its own. */
export const STATEMENT_FORMATS = {
  'custody-head': 'waybill-custody-head/1',
  'erasure-certificate': 'waybill-erasure/1',
  proof: 'waybill-proof/1',
} as const;
export type StatementKind = keyof typeof STATEMENT_FORMATS;

const STATEMENT_BYTES_MAX = 8 * 1024 * 1024;

/** What a reader trusts: the authority's certificate, or its SHA-256 fingerprint as written down somewhere. */
export type Trust = { caPem: string } | { fingerprint: string };

/** Who signed a statement, for people. */
export interface StatementSigner {
  /** Subject of the certificate. */
  name: string;
  /** SHA-256, hex. */
  fingerprint: string;
}

/** Signs a statement; the format is added. Returns DER. */
export function signStatement(
  kind: StatementKind,
  facts: object,
  authority: KeyedCertificate,
  now: Date,
): Buffer {
  const content = Buffer.from(canonicalJson({ ...facts, format: STATEMENT_FORMATS[kind] }));
  return signCms({
    content,
    certificatePem: authority.certificatePem,
    privateKeyPem: authority.privateKeyPem,
    detached: false,
    now,
  });
}

/**
 * The facts of a statement that the trusted authority itself signed. A statement of another kind by the same authority
 * is refused: a head of the custody log is no certificate. Throws SignatureInvalid.
 */
export function readStatement(
  kind: StatementKind,
  der: Uint8Array,
  options: { trust: Trust; now?: Date | undefined },
): { facts: Record<string, unknown>; signer: StatementSigner } {
  const { what } = SIGNED_KINDS[kind];
  const refuse = (detail: string) => new WaybillError('SignatureInvalid', { what, detail });
  if (der.length > STATEMENT_BYTES_MAX) throw refuse('it is too large');
  const caPem = trustedCa(der, options.trust, refuse);
  const { content, signerCertificatePem } = verifyCms({ der, kind, caPem, now: options.now });
  const facts = jsonObject(content);
  if (!facts) throw refuse('its content is no JSON object');
  const format = STATEMENT_FORMATS[kind];
  if (facts.format !== format) throw refuse(`its format is not ${format}`);
  const { subject } = new X509Certificate(signerCertificatePem);
  const name = subject.split('\n').join(', ');
  return { facts, signer: { name, fingerprint: fingerprint(signerCertificatePem) } };
}

function trustedCa(
  der: Uint8Array,
  trust: Trust,
  refuse: (detail: string) => WaybillError,
): string {
  if ('caPem' in trust) return trust.caPem;
  const inside = unverifiedSigner(der);
  const wanted = trust.fingerprint.replaceAll(':', '').toLowerCase();
  if (fingerprint(inside) !== wanted)
    throw refuse(`the fingerprint of its signer is ${fingerprint(inside)}, not ${wanted}`);
  return inside;
}

function jsonObject(content: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(content.toString('utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
