import { sql } from 'drizzle-orm';
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { Progress } from '../../../api/schemas/work-schemas.ts';
import type { Address } from '../../../domain/addresses.ts';
import type { CustodyKind } from '../../../domain/custody.ts';
import type { DeviceMeasure } from '../../../domain/devices.ts';
import { INCIDENT_KINDS } from '../../../domain/incidents.ts';
import type { JobNotification } from '../../../domain/notifications.ts';
import type { ProcessingPlan } from '../../../domain/processing.ts';
import type { ProcessingResults } from '../../../domain/processing-results.ts';
import type { RangeSum } from '../../../domain/range-sum.ts';
import type { ReportSummary } from '../../../domain/report.ts';
import type { StoreSettings } from '../../../domain/store-settings.ts';
import {
  ARCHIVE_UNITS,
  COPY_PHASES,
  DEVICE_OWNERS,
  DEVICE_STATES,
  JOB_STATES,
  JOB_TYPES,
  LEGS,
  OPTIONS,
  OUTCOMES,
  OVERWRITE_POLICIES,
  PEOPLE_ROLES,
  SHIPPING_SERVICES,
  STATION_WORK,
  STORE_KINDS,
} from '../../../domain/words.ts';
import { addresses } from './addresses.ts';
import { custodyDetail } from './custody.ts';

/** Tables of the console. Times are ISO 8601 in UTC, for people; order comes from ids. Sizes are bytes. */

const flag = (name: string) => integer(name, { mode: 'boolean' });

export const stores = sqliteTable('stores', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  kind: text('kind', { enum: STORE_KINDS }).notNull(),
  /** Directory that holds the buckets (directory store and the embedded stand-ins). */
  root: text('root').notNull(),
  /** How reports are kept and exports are read; null: as usual. */
  settings: text('settings', { mode: 'json' }).$type<StoreSettings>(),
  createdAt: text('created_at').notNull(),
});

export const devices = sqliteTable('devices', {
  id: text('id').primaryKey(),
  owner: text('owner', { enum: DEVICE_OWNERS }).notNull(),
  capacityBytes: integer('capacity_bytes').notNull(),
  state: text('state', { enum: DEVICE_STATES }).notNull(),
  note: text('note').notNull().default(''),
  /** What a station measured when it prepared it last. */
  measure: text('measure', { mode: 'json' }).$type<DeviceMeasure>(),
  /** The job that has it now. */
  jobId: text('job_id'),
  createdAt: text('created_at').notNull(),
});

/** What a valid seal receipt said. Counts objects, sizes bytes. */
export interface SealStatement {
  objects: number;
  bytes: number;
  skipped: number;
  failed: number;
  sealDigest: string;
  sealedAt: string;
}

export const jobs = sqliteTable(
  'jobs',
  {
    /** Order of creation, for paging. */
    seq: integer('seq').primaryKey({ autoIncrement: true }),
    id: text('id').notNull(),
    name: text('name').notNull(),
    option: text('option', { enum: OPTIONS }).notNull(),
    type: text('type', { enum: JOB_TYPES }).notNull(),
    sizeBytes: integer('size_bytes').notNull(),
    encrypted: flag('encrypted').notNull(),
    storeId: text('store_id')
      .notNull()
      .references(() => stores.id),
    bucket: text('bucket').notNull(),
    archive: text('archive', { enum: ARCHIVE_UNITS }).notNull().default('object'),
    /** What an import does with an object that is at the destination already. */
    overwritePolicy: text('overwrite_policy', { enum: OVERWRITE_POLICIES })
      .notNull()
      .default('never'),
    prefix: text('prefix').notNull().default(''),
    rangeBegin: text('range_begin'),
    rangeEnd: text('range_end'),
    /** Whether an export takes the completion reports that lie beside the data. */
    includeReports: flag('include_reports').notNull().default(false),
    /** What an export's range held when it was listed; null: it has not been. */
    rangeSum: text('range_sum', { mode: 'json' }).$type<RangeSum>(),
    /** Where the device is shipped to, and comes back from. */
    addressId: text('address_id').references(() => addresses.id),
    /** How fast the device is to travel; null: as whoever ships it chooses. */
    shippingService: text('shipping_service', { enum: SHIPPING_SERVICES }),
    /** Steps that run at the site, and what was heard of them. */
    processing: text('processing', { mode: 'json' }).$type<ProcessingPlan>(),
    processingResults: text('processing_results', { mode: 'json' }).$type<ProcessingResults>(),
    /** Who hears what of it; null: as the targets say themselves. */
    notification: text('notification', { mode: 'json' }).$type<JobNotification>(),
    deviceId: text('device_id').references(() => devices.id),
    volumeId: text('volume_id').notNull(),
    state: text('state', { enum: JOB_STATES }).notNull(),
    stateSince: text('state_since').notNull(),
    copyPhase: text('copy_phase', { enum: COPY_PHASES }).notNull(),
    outcome: text('outcome', { enum: OUTCOMES }),
    devicePrepared: flag('device_prepared').notNull().default(false),
    sealed: flag('sealed').notNull().default(false),
    reported: flag('reported').notNull().default(false),
    erased: flag('erased').notNull().default(false),
    /** The last that was heard of the copy, import or export. */
    progress: text('progress', { mode: 'json' }).$type<Progress>(),
    seal: text('seal', { mode: 'json' }).$type<SealStatement>(),
    report: text('report', { mode: 'json' }).$type<ReportSummary>(),
    createdBy: text('created_by').notNull(),
    createdAt: text('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('jobs_id').on(table.id),
    index('jobs_state').on(table.state, table.stateSince),
    // One for each order that a list can have.
    index('jobs_since').on(table.stateSince),
    index('jobs_created').on(table.createdAt),
    index('jobs_name').on(table.name),
    index('jobs_size').on(table.sizeBytes),
    index('jobs_option').on(table.option),
    index('jobs_type').on(table.type),
    index('jobs_outcome').on(table.outcome),
    index('jobs_copy').on(table.copyPhase),
    index('jobs_store').on(table.storeId),
    index('jobs_bucket').on(table.bucket),
    index('jobs_device').on(table.deviceId),
    index('jobs_created_by').on(table.createdBy),
  ],
);

export const shipments = sqliteTable(
  'shipments',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    jobId: text('job_id').notNull(),
    leg: text('leg', { enum: LEGS }).notNull(),
    carrier: text('carrier').notNull(),
    service: text('service').notNull().default(''),
    trackingNumber: text('tracking_number').notNull().default(''),
    /** Numbers of the tamper seals, JSON array of text. */
    sealNumbers: text('seal_numbers', { mode: 'json' }).$type<string[]>().notNull(),
    /** Numbers that were entered when it arrived; null: nobody compared them. */
    arrivalSeals: text('arrival_seals', { mode: 'json' }).$type<string[]>(),
    /** Where it was sent: the address's text of that time. */
    destination: text('destination', { mode: 'json' }).$type<Address>(),
    handedOverBy: text('handed_over_by').notNull(),
    shippedAt: text('shipped_at').notNull(),
    arrivedAt: text('arrived_at'),
  },
  (table) => [index('shipments_job').on(table.jobId)],
);

export const incidents = sqliteTable(
  'incidents',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    jobId: text('job_id').notNull(),
    kind: text('kind', { enum: INCIDENT_KINDS }).notNull(),
    note: text('note').notNull(),
    reportedBy: text('reported_by').notNull(),
    openedAt: text('opened_at').notNull(),
    resolvedAt: text('resolved_at'),
  },
  (table) => [
    index('incidents_job').on(table.jobId),
    index('incidents_open').on(table.jobId).where(sql`resolved_at is null`),
  ],
);

/** The custody log. Triggers of the migration refuse to change or delete a row. */
export const custody = sqliteTable(
  'custody',
  {
    seq: integer('seq').primaryKey(),
    at: text('at').notNull(),
    kind: text('kind').$type<CustodyKind>().notNull(),
    jobId: text('job_id'),
    deviceId: text('device_id'),
    actor: text('actor').notNull(),
    channel: text('channel').notNull(),
    detail: custodyDetail('detail').notNull(),
    previousHash: text('previous_hash').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [
    index('custody_job').on(table.jobId, table.seq),
    index('custody_device').on(table.deviceId, table.seq),
  ],
);

/** What browsers are told; streams read it by increasing id, so any process can serve and resume them. */
export const events = sqliteTable(
  'events',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    jobId: text('job_id').notNull(),
    kind: text('kind').notNull(),
    at: text('at').notNull(),
    detail: text('detail', { mode: 'json' }).$type<Record<string, unknown>>().notNull(),
    /** The agent's own id of the event: sending it twice changes nothing. */
    sourceId: text('source_id'),
  },
  (table) => [
    index('events_job').on(table.jobId, table.id),
    uniqueIndex('events_source').on(table.sourceId),
    index('events_at').on(table.at),
  ],
);

/** Keys of a job: everything secret is wrapped by the KMS, bound to the job. */
export const jobCredentials = sqliteTable('job_credentials', {
  jobId: text('job_id').primaryKey(),
  wrappedJobKey: text('wrapped_job_key'),
  certificatePem: text('certificate_pem').notNull(),
  wrappedPrivateKey: text('wrapped_private_key').notNull(),
  wrappedUnlockCode: text('wrapped_unlock_code').notNull(),
  /** From then on the secrets above are empty. */
  keyDestroyedAt: text('key_destroyed_at'),
  createdAt: text('created_at').notNull(),
});

/** Facts of the installation by name; secret ones are wrapped or hashed. */
export const settings = sqliteTable('settings', {
  name: text('name').primaryKey(),
  value: text('value').notNull(),
});

/** Work of a station on a job, claimed by row; a dead station's work is taken over when its lease runs out. */
export const leases = sqliteTable('leases', {
  jobId: text('job_id').primaryKey(),
  id: text('id').notNull(),
  work: text('work', { enum: STATION_WORK }).notNull(),
  holder: text('holder').notNull(),
  /** Milliseconds since 1970 by the console's clock. */
  expiresMs: integer('expires_ms').notNull(),
});

/** Bearer tokens of people, jobs and stations; only their hashes are kept. */
export const accessTokens = sqliteTable(
  'access_tokens',
  {
    id: text('id').primaryKey(),
    kind: text('kind', { enum: ['person', 'job', 'station'] }).notNull(),
    hash: text('hash').notNull(),
    name: text('name').notNull(),
    /** Person's id, job id, or station name. */
    subject: text('subject').notNull(),
    role: text('role', { enum: [...PEOPLE_ROLES, 'job', 'station'] }).notNull(),
    createdAt: text('created_at').notNull(),
    expiresAt: text('expires_at'),
    revokedAt: text('revoked_at'),
  },
  (table) => [uniqueIndex('access_tokens_hash').on(table.hash)],
);
