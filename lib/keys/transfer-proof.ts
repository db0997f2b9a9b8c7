import { z } from 'zod';
import { WaybillError } from '../domain/errors.ts';
import { readStatement, type StatementSigner, type Trust } from './statements.ts';

/**
 * The signed part of a proof of transfer. The proof is one tar archive, so that fifty million objects need no memory:
 * the parts come first, and `proof.cms` comes last and names each of them with its length and digest. SECURITY.md
 * describes the file. Sizes bytes, times ISO 8601, digests SHA-256 in hex.
 */
export const PROOF_STATEMENT = 'proof.cms';
export const PROOF_PARTS = {
  summary: 'summary.json',
  success: 'success.csv',
  failure: 'failure.csv',
  custody: 'custody.jsonl',
  head: 'custody-head.cms',
  erasure: 'erasure.cms',
} as const;

const shipment = z.object({
  leg: z.string(),
  carrier: z.string(),
  service: z.string(),
  trackingNumber: z.string(),
  /** Tamper seals at departure. */
  sealNumbers: z.array(z.string()),
  /** Those on arrival; null: nobody compared them. */
  arrivalSeals: z.array(z.string()).nullable(),
  handedOverBy: z.string(),
  shippedAt: z.string(),
  arrivedAt: z.string().nullable(),
});

const statement = z.object({
  format: z.literal('waybill-proof/1'),
  issuedAt: z.string(),
  job: z.object({
    id: z.string(),
    name: z.string(),
    option: z.string(),
    type: z.enum(['import', 'export']),
    state: z.string(),
    outcome: z.string().nullable(),
    createdAt: z.string(),
    createdBy: z.string(),
    encrypted: z.boolean(),
    volumeId: z.string(),
    deviceId: z.string().nullable(),
    rangeBegin: z.string().nullable(),
    rangeEnd: z.string().nullable(),
    archive: z.string(),
  }),
  store: z.object({ kind: z.string(), name: z.string(), bucket: z.string(), prefix: z.string() }),
  /** What the seal says that was read at the source; null where the console knew no seal. */
  source: z
    .object({
      objects: z.number(),
      bytes: z.number(),
      skipped: z.number(),
      failed: z.number(),
      sealDigest: z.string(),
      sealedAt: z.string(),
    })
    .nullable(),
  report: z.object({
    outcome: z.string(),
    objects: z.number(),
    bytes: z.number(),
    skipped: z.number(),
    failed: z.number(),
    destination: z.string(),
    sealDigest: z.string(),
    startedAt: z.string(),
    finishedAt: z.string(),
    archive: z.object({ key: z.string(), bytes: z.number(), sha256: z.string() }).optional(),
  }),
  shipments: z.array(shipment),
  custody: z.object({ entries: z.number(), head: z.object({ seq: z.number(), hash: z.string() }) }),
  parts: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
});
export type ProofStatement = z.output<typeof statement>;

/** Checks and reads the signed part. Throws SignatureInvalid. */
export function readProofStatement(
  der: Uint8Array,
  options: { trust: Trust; now?: Date | undefined },
): { proof: ProofStatement; signer: StatementSigner } {
  const { facts, signer } = readStatement('proof', der, options);
  const { data } = statement.safeParse(facts);
  if (data) return { proof: data, signer };
  const what = 'the proof of transfer';
  throw new WaybillError('SignatureInvalid', { what, detail: 'its facts are missing or wrong' });
}
