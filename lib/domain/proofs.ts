/** How an export knows that the bytes it read are those that the store holds. */

/** Kinds, the strongest first. */
export const PROOF_KINDS = ['checksum', 'waybill-sha256', 'etag', 'read-twice', 'none'] as const;
export type ProofKind = (typeof PROOF_KINDS)[number];

export const PROOF_LABELS: Record<ProofKind, string> = {
  checksum: 'by a checksum of the store',
  'waybill-sha256': 'by the SHA-256 they were put with',
  etag: 'by the ETag, an MD5',
  'read-twice': 'by reading them twice',
  none: 'not proved by the store',
};

/**
 * One object's proof, as a line of the report has it: its kind, and for those that have several the algorithm;
 * `-parts` for a checksum of the checksums of an object's parts. Examples: `checksum:crc64nvme`, `etag:md5-parts`.
 */
export type Proof =
  | 'waybill-sha256'
  | 'read-twice'
  | 'none'
  | `checksum:${string}`
  | `etag:${string}`;

/** Objects by the kind of their proof. */
export type ProofCounts = Partial<Record<ProofKind, number>>;

/** The kind of a proof; of a text that is none (it came from a device): undefined. */
export function proofKind(proof: string): ProofKind | undefined {
  const kind = proof.split(':', 1)[0];
  return PROOF_KINDS.find((known) => known === kind);
}

/** The counts in words, the strongest first: "12 by a checksum of the store, 3 not proved by the store". */
export function proofWords(proofs: ProofCounts): string {
  return PROOF_KINDS.filter((kind) => (proofs[kind] ?? 0) > 0)
    .map((kind) => `${proofs[kind]?.toLocaleString('en-US')} ${PROOF_LABELS[kind]}`)
    .join(', ');
}
