import { WaybillError } from './errors.ts';
import type { Role, StationWork } from './words.ts';

/**
 * The one table of who may do what. Routes and pages read it. `job` is the agent with a job-scoped token
 * (it reaches its own job only), `station` a facility's host.
 */
export const PERMISSIONS = {
  'job.read': ['viewer', 'operator', 'facility', 'admin', 'job', 'station'],
  'job.create': ['operator', 'admin'],
  'job.change': ['operator', 'admin'],
  'job.cancel': ['operator', 'facility', 'admin'],
  /** What the customer does with the device: it arrived, it is handed to the carrier, it is unpacked. */
  'job.handle-at-site': ['operator', 'admin'],
  /** What facility staff and stations do: prepare, ship, receive, import, export, erase. */
  'job.handle-at-facility': ['facility', 'admin', 'station'],
  'job.credentials': ['operator', 'admin'],
  /** Labels and packing slips. */
  'job.labels': ['operator', 'facility', 'admin'],
  'job.station-credentials': ['station'],
  /** What only a host that has the device in front of it can know: what it measured, wrote, found or erased. */
  'job.work-as-station': ['station'],
  /** Copy progress, problems and the seal receipt from the agent at the site. */
  'job.report-copy': ['operator', 'admin', 'job', 'station'],
  'job.report-import': ['station'],
  'job.incident': ['operator', 'facility', 'admin', 'station'],
  'job.resolve-incident': ['facility', 'admin', 'station'],
  /** The owner of the data decides what may be missing, not the facility. */
  'job.accept-losses': ['operator', 'admin'],
  'job.retry-failed': ['operator', 'facility', 'admin'],
  'job.confirm-restored': ['operator', 'admin'],
  'device.erase-unverified': ['admin'],
  'job.destroy-key': ['admin'],
  'device.read': ['viewer', 'operator', 'facility', 'admin', 'station'],
  'device.manage': ['facility', 'admin', 'station'],
  'store.read': ['viewer', 'operator', 'facility', 'admin', 'station'],
  /** It writes and deletes small objects in whatever bucket is named. */
  'store.check': ['operator', 'admin'],
  'store.manage': ['admin'],
  'address.read': ['viewer', 'operator', 'facility', 'admin', 'station'],
  'address.manage': ['operator', 'facility', 'admin'],
  'notification.read': ['operator', 'facility', 'admin'],
  'settings.manage': ['admin'],
  'people.read': ['admin'],
  'people.manage': ['admin'],
  'token.own': ['viewer', 'operator', 'facility', 'admin'],
  'token.station': ['admin'],
  'audit.read': ['viewer', 'operator', 'facility', 'admin'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof PERMISSIONS;

/** What each permission is for, in words: "may …". */
export const PERMISSION_WORDS: Record<Permission, string> = {
  'job.read': 'See jobs, their progress and reports',
  'job.create': 'Create jobs',
  'job.change': 'Change a job that is still created',
  'job.cancel': 'Cancel a job',
  'job.handle-at-site': 'Tell what the customer does: delivered, sent back, received',
  'job.handle-at-facility': 'Prepare, ship, receive, import, export, erase',
  'job.credentials': 'Download the manifest, reveal the unlock code',
  'job.labels': 'Print labels and packing slips',
  'job.station-credentials': 'Get the keys of a device to work on',
  'job.work-as-station':
    'Tell what was done at a device; waybill station does, with a token of a station',
  'job.report-copy': 'Report how a copy goes, hand in seal receipts',
  'job.report-import': 'Report how an import goes',
  'job.incident': 'Report what went wrong',
  'job.resolve-incident': 'Resolve incidents',
  'job.accept-losses': 'Accept by the name of its list that objects are lost',
  'job.retry-failed': 'Have the failed objects of an import tried again',
  'job.confirm-restored': 'Confirm that an export was restored at the site',
  'job.destroy-key': 'Destroy the key of a job whose data has arrived',
  'device.erase-unverified': 'Allow to erase a device that cannot be verified',
  'device.read': 'See devices',
  'device.manage': 'Add, set aside, find again and retire devices',
  'store.read': 'See stores',
  'store.check': 'Try what a bucket allows',
  'store.manage': 'Add and change stores, make buckets',
  'address.read': 'See addresses',
  'address.manage': 'Add, change and archive addresses',
  'notification.read': 'See who is told, and what was sent',
  'settings.manage': 'Change settings, notification targets, mail server',
  'people.read': 'See people and their roles',
  'people.manage': 'Invite people, change roles, end sessions',
  'token.own': 'Make tokens and access keys of one’s own',
  'token.station': 'Make tokens of stations',
  'audit.read': 'Read, download and verify the custody log',
};

/** What claiming a station's work asks for: whoever fills or empties a device needs its keys. */
export const WORK_PERMISSIONS: Record<StationWork, Permission> = {
  prepare: 'job.work-as-station',
  export: 'job.station-credentials',
  import: 'job.station-credentials',
  erase: 'job.work-as-station',
};

/** Whether a role has a permission. */
export function permits(role: Role, permission: Permission): boolean {
  return (PERMISSIONS[permission] as readonly Role[]).includes(role);
}

/** Throws Forbidden when the role lacks the permission. */
export function requirePermission(role: Role, permission: Permission): void {
  if (!permits(role, permission)) throw new WaybillError('Forbidden', { role, permission });
}
