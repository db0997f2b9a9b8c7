import { isWaybillError, WaybillError } from '../domain/errors.ts';
import type { KeyedCertificate } from './certificates.ts';
import { signCms, verifyCms } from './cms.ts';

/**
 * Proof for the console that a volume is sealed: a small statement signed by the job's certificate. It
 * travels by the agent's outbox, or in a person's hand from a site without a network.
 */
export interface SealReceipt {
  format: 'waybill-seal-receipt/1';
  jobId: string;
  deviceId: string;
  volumeId: string;
  objects: number;
  bytes: number;
  skipped: number;
  failed: number;
  /** SHA-256 of seal.bin, hex. */
  sealDigest: string;
  /** ISO 8601. */
  sealedAt: string;
  agentVersion: string;
}

const RECEIPT_BYTES_MAX = 64 * 1024;

/** Signs a receipt. Returns DER. */
export function buildSealReceipt(
  receipt: SealReceipt,
  signer: KeyedCertificate,
  now: Date,
): Buffer {
  return signCms({
    content: Buffer.from(JSON.stringify(receipt)),
    ...signer,
    detached: false,
    now,
  });
}

/** Reads a receipt of a job. Throws SealReceiptInvalid. */
export function readSealReceipt(
  der: Uint8Array,
  options: { caPem: string; jobId: string; now?: Date },
): SealReceipt {
  if (der.length > RECEIPT_BYTES_MAX) throw refuse('it is too large');
  const { jobId } = options;
  let value: Record<string, unknown>;
  try {
    const { content } = verifyCms({ der, kind: 'seal-receipt', ...options });
    value = JSON.parse(content.toString('utf8')) as Record<string, unknown>;
  } catch (error) {
    throw refuse(isWaybillError(error) ? String(error.facts.detail) : 'it is not JSON');
  }
  if (value.format !== 'waybill-seal-receipt/1' || value.jobId !== jobId)
    throw refuse('it is for something else');
  const count = (name: string): number => {
    const found = value[name];
    if (typeof found === 'number' && Number.isSafeInteger(found) && found >= 0) return found;
    throw refuse(`${name} is missing or wrong`);
  };
  const text = (name: string): string => {
    const found = value[name];
    if (typeof found === 'string' && found.length <= 200) return found;
    throw refuse(`${name} is missing or wrong`);
  };
  return {
    format: 'waybill-seal-receipt/1',
    jobId,
    deviceId: text('deviceId'),
    volumeId: text('volumeId'),
    objects: count('objects'),
    bytes: count('bytes'),
    skipped: count('skipped'),
    failed: count('failed'),
    sealDigest: text('sealDigest'),
    sealedAt: text('sealedAt'),
    agentVersion: text('agentVersion'),
  };
}

const refuse = (detail: string): WaybillError => new WaybillError('SealReceiptInvalid', { detail });
