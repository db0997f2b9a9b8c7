/**
 * The custody log: one hash chain over everything that happened to jobs and devices. Each entry's hash
 * covers the entry before it, so a line that is changed, left out or moved breaks every later hash.
 */
export const CUSTODY_FORMAT = 'waybill-custody/1';

/** Every kind of entry, and what it says in words. */
export const CUSTODY_WORDS = {
  'job.created': 'Job created',
  'export.created': 'Export ordered',
  'export.parted': 'Export split into jobs',
  'export.cancelled': 'Export cancelled',
  'cluster.created': 'Cluster created',
  'cluster.changed': 'Cluster changed',
  'cluster.cancelled': 'Cluster cancelled',
  'job.changed': 'Job changed',
  'job.transition': 'State changed',
  'job.copy-phase': 'Copy went on',
  'job.sealed': 'Volume sealed',
  'job.reopened': 'Volume reopened',
  'job.report': 'Report handed in',
  'job.retry-requested': 'Failed objects to be tried again',
  'job.losses-accepted': 'Loss of objects accepted',
  'job.restore-confirmed': 'Restore confirmed by a person',
  'job.incident': 'Incident reported',
  'job.incident-resolved': 'Incident resolved',
  'credentials.manifest': 'Manifest downloaded',
  'credentials.unlock-code': 'Unlock code revealed',
  'credentials.station': 'Keys given to a station',
  'credentials.link': 'Link to the manifest made',
  'credentials.key-destroyed': 'Key of the job destroyed',
  'shipment.scan': 'Seen on its way',
  'shipment.seals': 'Tamper seals compared',
  'device.added': 'Device added',
  'device.changed': 'Device changed',
  'device.proved': 'Device proved by its seal',
  'device.erase-allowed': 'Erasing without verification allowed',
  'device.erase-begun': 'Erasing begun',
  'device.erased': 'Device erased',
  'store.added': 'Store added',
  'store.changed': 'Store changed',
  'function.kept': 'Function kept',
  'function.removed': 'Function removed',
  'address.added': 'Address added',
  'address.changed': 'Address changed',
  'notification.target': 'Notification target changed',
  'person.added': 'Person added',
  'person.invited': 'Link sent to a person',
  'person.sessions-ended': 'Sessions ended',
  'person.changed': 'Person changed',
  'token.created': 'Token or key made',
  'token.revoked': 'Token or key revoked',
  'installation.set-up': 'Installation set up',
  'installation.key-rotated': 'Master key rotated',
  'installation.key-split': 'Master key split into shares',
  'installation.key-joined': 'Master key joined from shares',
  'installation.changed': 'Settings changed',
} as const;
export type CustodyKind = keyof typeof CUSTODY_WORDS;
export const CUSTODY_KINDS = Object.keys(CUSTODY_WORDS) as CustodyKind[];

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
