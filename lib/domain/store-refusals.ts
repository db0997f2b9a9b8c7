/**
 * Why a store refuses whatever is sent to it, and what its administrator mends. One table: the incident, the note of the
 * station and the error speak from it.
 */
export const STORE_REFUSALS = {
  right: {
    label: 'a right is missing',
    fix: 'the administrator of the store gives the key pair the right that is named, in this bucket and under the prefix of the job',
  },
  key: {
    label: 'the key pair is not accepted',
    fix: 'the administrator of the store enables the key pair or makes another one; then: waybill store change-key',
  },
  account: {
    label: 'the account is disabled',
    fix: 'the owner of the account settles it with the provider of the store',
  },
  signature: {
    label: 'the signature is not accepted',
    fix: 'check the secret of the key pair (waybill store change-key), and that no proxy on the way changes requests',
  },
  clock: {
    label: 'the clocks differ',
    fix: 'set the clock of the station, or of the store (NTP)',
  },
  quota: {
    label: 'there is no room left',
    fix: 'the administrator of the store raises the quota or makes room',
  },
  bucket: {
    label: 'the bucket is missing',
    fix: 'the administrator of the store creates the bucket, or undoes its removal',
  },
  'not-mounted': {
    label: 'what lies in its place is not the bucket',
    fix: 'mount the store at its root on this host; if the bucket was replaced on purpose: waybill store change --forget-markers',
  },
  region: {
    label: 'the bucket lies elsewhere',
    fix: 'correct region or endpoint of the store on the page Stores',
  },
  'read-only': {
    label: 'the store is read-only',
    fix: 'the administrator of the store lets it be written again',
  },
  encryption: {
    label: 'the key that encrypts its objects cannot be used',
    fix: 'the administrator of the key service enables the key and lets the key pair use it',
  },
  setting: {
    label: 'it does not do what the store is set to',
    fix: 'correct storage class or encryption of the store on the page Stores',
  },
  busy: {
    label: 'it has no time',
    fix: 'wait; if it lasts, the administrator of the store looks at its load and limits',
  },
  unreachable: {
    label: 'it does not answer',
    fix: 'look at the network between station and store, and at the store itself',
  },
  unknown: {
    label: 'it answers everything with an error',
    fix: 'the administrator of the store looks at what is named',
  },
} as const satisfies Record<string, { label: string; fix: string }>;
export type StoreRefusal = keyof typeof STORE_REFUSALS;

/** The facts of a StoreRefuses error. */
export function refusalFacts(
  refusal: StoreRefusal,
  detail: string,
): { refusal: StoreRefusal; meaning: string; detail: string; fix: string } {
  const { label: meaning, fix } = STORE_REFUSALS[refusal];
  return { refusal, meaning, detail, fix };
}
