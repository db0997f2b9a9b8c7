import { z } from 'zod';
import { ERASE_METHOD_NAMES } from '../domain/erasing.ts';
import { WaybillError } from '../domain/errors.ts';
import { readStatement, type StatementSigner, type Trust } from './statements.ts';

/** What the authority says of an erasure. Sizes bytes, times ISO 8601, digests SHA-256 in hex. */

const decision = z.object({ by: z.string(), byName: z.string(), at: z.string(), note: z.string() });

const certificate = z.object({
  format: z.literal('waybill-erasure/1'),
  issuedAt: z.string(),
  job: z.object({ id: z.string(), name: z.string(), option: z.string(), type: z.string() }),
  device: z.object({
    id: z.string(),
    owner: z.string(),
    capacityBytes: z.number(),
    /** Null where the medium has none, or the host could not read it. */
    serial: z.string().nullable(),
    model: z.string().nullable(),
    /** A folder of the station's host stood in for a device: no medium was erased. */
    simulated: z.boolean(),
  }),
  volumeId: z.string(),
  encrypted: z.boolean(),
  /** What was on it, as the seal says; null where the console knew no seal. */
  held: z.object({ objects: z.number(), bytes: z.number(), sealDigest: z.string() }).nullable(),
  /** The seal on the device was verified right before, and was the one that the console knew. Null: not recorded. */
  verified: z.boolean().nullable(),
  /** Who had it erased although it could not be verified, and why. */
  unverified: decision.nullable(),
  erased: z.object({ files: z.number(), bytes: z.number(), at: z.string() }),
  method: z.object({
    way: z.enum(ERASE_METHOD_NAMES),
    /** As the station says that it was done. */
    done: z.string(),
    tool: z.string().nullable(),
    standard: z.literal('NIST SP 800-88 Rev. 1'),
    technique: z.enum(['clear', 'purge']),
    limits: z.string(),
  }),
  by: z.object({ actor: z.string(), name: z.string() }),
  /** Who ordered it, where a person did. */
  orderedBy: z.object({ actor: z.string(), name: z.string(), at: z.string() }).nullable(),
  /** When the job's key was destroyed in this installation, so that no copy of the volume can be read with it. */
  keyDestroyed: decision.nullable(),
  /** The entry of the custody log that this rests on. */
  custody: z.object({ seq: z.number(), hash: z.string() }),
});
export type ErasureCertificate = z.output<typeof certificate>;

/** Checks and reads a certificate. Throws SignatureInvalid. */
export function readErasureCertificate(
  der: Uint8Array,
  options: { trust: Trust; now?: Date | undefined },
): { certificate: ErasureCertificate; signer: StatementSigner } {
  const { facts, signer } = readStatement('erasure-certificate', der, options);
  const { data } = certificate.safeParse(facts);
  if (data) return { certificate: data, signer };
  const what = 'the certificate of erasure';
  throw new WaybillError('SignatureInvalid', { what, detail: 'its facts are missing or wrong' });
}
