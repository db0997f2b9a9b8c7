import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { Progress } from '../../../api/schemas/work-schemas.ts';
import type { JobNotification } from '../../../domain/notifications.ts';
import type { ProcessingPlan } from '../../../domain/processing.ts';
import type { ProcessingResults } from '../../../domain/processing-results.ts';
import type { RangeSum } from '../../../domain/range-sum.ts';
import type { ReportSummary } from '../../../domain/report.ts';
import {
  ARCHIVE_UNITS,
  COPY_PHASES,
  JOB_STATES,
  JOB_TYPES,
  OPTIONS,
  OUTCOMES,
  OVERWRITE_POLICIES,
  SHIPPING_SERVICES,
} from '../../../domain/words.ts';
import { addresses } from './addresses.ts';
import { devices } from './devices.ts';
import { stores } from './stores.ts';

/** Tables of the console. Times are ISO 8601 in UTC, for people; order comes from ids. Sizes are bytes. */

const flag = (name: string) => integer(name, { mode: 'boolean' });

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
