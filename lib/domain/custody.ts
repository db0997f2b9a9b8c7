/**
 * The custody log: one hash chain over everything that happened to jobs and devices. Each entry's hash
 * covers the entry before it, so a line that is changed, left out or moved breaks every later hash.
 */
export const CUSTODY_FORMAT = 'waybill-custody/1';

export const CUSTODY_KINDS = [
  'job.created',
  'export.created',
  'export.parted',
  'export.cancelled',
  'cluster.created',
  'cluster.changed',
  'cluster.cancelled',
  'job.changed',
  'job.transition',
  'job.copy-phase',
  'job.sealed',
  'job.reopened',
  'job.report',
  'job.incident',
  'job.incident-resolved',
  'credentials.manifest',
  'credentials.unlock-code',
  'credentials.station',
  'credentials.link',
  'shipment.scan',
  'device.added',
  'device.changed',
  'device.erased',
  'store.added',
  'store.changed',
  'address.added',
  'address.changed',
  'notification.target',
  'person.added',
  'person.invited',
  'person.sessions-ended',
  'person.changed',
  'token.created',
  'token.revoked',
  'installation.set-up',
  'installation.key-rotated',
  'installation.changed',
] as const;
export type CustodyKind = (typeof CUSTODY_KINDS)[number];

/** One entry as it is hashed. `at` is for people; the order is `seq`. */
export interface CustodyEntry {
  seq: number;
  at: string;
  kind: CustodyKind;
  jobId: string | null;
  deviceId: string | null;
  /** Who: "person:<id>", "job:<id>", "station:<name>", "system". */
  actor: string;
  channel: string;
  /** Facts of the event; never a secret. */
  detail: Record<string, unknown>;
  previousHash: string;
}

export const GENESIS_HASH = '0'.repeat(64);

/** JSON with sorted members: the same value always gives the same text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value))
    return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** The hash of an entry; `sha256Hex` is passed in because this folder does no I/O and no crypto. */
export function custodyHash(entry: CustodyEntry, sha256Hex: (text: string) => string): string {
  return sha256Hex(`${CUSTODY_FORMAT}\n${canonicalJson(entry)}`);
}
