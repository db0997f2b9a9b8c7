/** The closed vocabularies of Waybill. Every enum in the database, API, CLI and pages comes from here. */

export const OPTIONS = ['snowball', 'snowball-edge', 'disk'] as const;
/** The service option a job uses. */
export type Option = (typeof OPTIONS)[number];

export const JOB_TYPES = ['import', 'export'] as const;
/** `import`: site → store. `export`: store → site. */
export type JobType = (typeof JOB_TYPES)[number];

export const STORE_KINDS = ['directory', 's3', 'glacier', 'ebs'] as const;
/** Where objects live. `directory` is the embedded stand-in for s3. */
export type StoreKind = (typeof STORE_KINDS)[number];

export const JOB_STATES = [
  'created',
  'preparing',
  'exporting',
  'ready-to-ship',
  'in-transit-to-site',
  'at-site',
  'in-transit-to-facility',
  'at-sorting',
  'at-facility',
  'importing',
  'erasing',
  'returning',
  'completed',
  'cancelled',
] as const;
export type JobState = (typeof JOB_STATES)[number];

export const OUTCOMES = ['succeeded', 'with-warnings', 'with-errors'] as const;
/** How a finished job ended; a state is never "failed" (AWS and Azure split the two alike). */
export type Outcome = (typeof OUTCOMES)[number];

export const COPY_PHASES = ['not-started', 'copying', 'paused', 'verifying', 'sealed'] as const;
/** What the agent is doing with the volume, inside the job's state. */
export type CopyPhase = (typeof COPY_PHASES)[number];

export const DEVICE_STATES = [
  'available',
  'reserved',
  'loaded',
  'in-transit',
  'at-site',
  'at-facility',
  'erasing',
  'erased',
  'quarantined',
  'lost',
  'retired',
] as const;
export type DeviceState = (typeof DEVICE_STATES)[number];

export const DEVICE_OWNERS = ['provider', 'customer'] as const;
export type DeviceOwner = (typeof DEVICE_OWNERS)[number];

export const LEGS = ['to-site', 'to-facility'] as const;
/** A shipment leg: which way the device travels. */
export type Leg = (typeof LEGS)[number];

export const SHIPPING_SERVICES = ['standard', 'express', 'second-day', 'next-day'] as const;
/** How fast a job's device is to travel. */
export type ShippingService = (typeof SHIPPING_SERVICES)[number];

export const PEOPLE_ROLES = ['viewer', 'operator', 'facility', 'admin'] as const;
export type PersonRole = (typeof PEOPLE_ROLES)[number];

export const ROLES = [...PEOPLE_ROLES, 'job', 'station'] as const;
/** People's roles, and the two programs: the agent with a job-scoped token, and a station. */
export type Role = (typeof ROLES)[number];

export const CHANNELS = ['browser', 'token'] as const;
/** How a caller reached us: a browser session, or an access, job or station token. */
export type Channel = (typeof CHANNELS)[number];

export const VOLUME_KINDS = ['sealed', 'bag'] as const;
/** `sealed`: encrypted. `bag`: plain BagIt (RFC 8493). */
export type VolumeKind = (typeof VOLUME_KINDS)[number];

export const ARCHIVE_UNITS = ['object', 'device'] as const;
/** What becomes one archive of glacier: each object of a job, or its device as it is. */
export type ArchiveUnit = (typeof ARCHIVE_UNITS)[number];

export const OVERWRITE_POLICIES = ['never', 'if-different', 'always'] as const;
/**
 * What an unload does where the destination already holds an object under a key: it is never replaced, replaced when
 * its bytes differ, or always written anew.
 */
export type OverwritePolicy = (typeof OVERWRITE_POLICIES)[number];

/** Work a station does on a device, one at a time a job, claimed with a lease. */
export const STATION_WORK = ['prepare', 'export', 'import', 'erase'] as const;
export type StationWork = (typeof STATION_WORK)[number];

/** Type guard for any of the vocabularies above. */
export function isWord<T extends string>(words: readonly T[], value: unknown): value is T {
  return typeof value === 'string' && (words as readonly string[]).includes(value);
}

export const OPERATION_STATES = ['planned', 'running', 'waiting', 'failed', 'done'] as const;

/** `waiting` for the next attempt; `planned` for its turn. */
export type OperationState = (typeof OPERATION_STATES)[number];
