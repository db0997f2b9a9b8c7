import type { WaybillError } from './errors.ts';

interface RefusalRow {
  label: string;
  fix: string;
  /**
   * What of an object it goes by, where smaller ones may pass: `room`, all of its bytes; `request`, those that go in one
   * request. Only an object as large shows that it is over.
   */
  goesBy?: 'room' | 'request';
}

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
    goesBy: 'room',
  },
  size: {
    label: 'it takes nothing of this size',
    fix: 'the administrator of the store makes room, or raises what it, or a proxy on the way, takes in one request',
    goesBy: 'request',
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
    goesBy: 'request',
  },
  unreachable: {
    label: 'it does not answer',
    // Where a path takes no full packets, a line passes and an object does not.
    fix: 'look at the network between station and store, and at the store itself',
    goesBy: 'request',
  },
  unknown: {
    label: 'it answers everything with an error',
    fix: 'the administrator of the store looks at what is named',
  },
} as const satisfies Record<string, RefusalRow>;
export type StoreRefusal = keyof typeof STORE_REFUSALS;

/** What of an object the refusal goes by that an error tells of; undefined where all objects are alike. */
export function goesBy({ code, facts }: WaybillError): RefusalRow['goesBy'] {
  const name = code === 'StoreFull' ? 'quota' : facts.refusal;
  const rows: Record<string, RefusalRow> = STORE_REFUSALS;
  return typeof name === 'string' ? rows[name]?.goesBy : undefined;
}

/** The size of an object that shows, when it lands, that what an error tells of is over: bytes; 0 when any does. */
export const refusedBytesOf = ({ facts }: WaybillError): number => Number(facts.refusedBytes ?? 0);

/** The facts of a StoreRefuses error. */
export function refusalFacts(
  refusal: StoreRefusal,
  detail: string,
): { refusal: StoreRefusal; meaning: string; detail: string; fix: string } {
  const { label: meaning, fix } = STORE_REFUSALS[refusal];
  return { refusal, meaning, detail, fix };
}
