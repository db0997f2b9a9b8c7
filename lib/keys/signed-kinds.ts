/**
 * Everything that is signed, and who alone may sign it. `authority`: the installation's own certificate, with which it
 * also issues those of jobs; `job`: the certificate of the very job that the thing is about. A reader names the kind, and
 * never takes whoever is in the chain: a job's key travels with a manifest and must not be able to speak for the
 * installation.
 */
export const SIGNED_KINDS = {
  manifest: { signer: 'authority', what: 'the manifest' },
  'custody-head': { signer: 'authority', what: 'the head of the custody log' },
  'erasure-certificate': { signer: 'authority', what: 'the certificate of erasure' },
  proof: { signer: 'authority', what: 'the proof of transfer' },
  seal: { signer: 'job', what: 'the seal' },
  'seal-receipt': { signer: 'job', what: 'the receipt' },
} as const satisfies Record<string, { signer: 'authority' | 'job'; what: string }>;

export type SignedKind = keyof typeof SIGNED_KINDS;
type KindOf<S extends 'authority' | 'job'> = {
  [K in SignedKind]: (typeof SIGNED_KINDS)[K]['signer'] extends S ? K : never;
}[SignedKind];
export type AuthorityKind = KindOf<'authority'>;
export type JobKind = KindOf<'job'>;

/** What is being checked. What a job signs is checked for one job. */
export type SignedBy =
  | { kind: AuthorityKind; jobId?: undefined }
  | { kind: JobKind; jobId: string };
