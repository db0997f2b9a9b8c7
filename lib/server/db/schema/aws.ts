import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { NewJob } from '../../../domain/new-job.ts';

/** Members of a request as the AWS client sent them, kept to be told again. */
export type KeptRequest = Record<string, unknown>;

/** Jobs of the Snowball API: one row a job that was made there, or given a cluster, a part or a label there. */
export const awsJobs = sqliteTable(
  'aws_jobs',
  {
    jobId: text('job_id').primaryKey(),
    request: text('request', { mode: 'json' }).$type<KeptRequest>().notNull(),
    clusterId: text('cluster_id'),
    /** The export that this job is a part of. */
    exportId: text('export_id'),
    /** Which part of its export, or device of its cluster, from 1. */
    part: integer('part'),
  },
  (table) => [
    index('aws_jobs_cluster').on(table.clusterId),
    index('aws_jobs_export').on(table.exportId, table.part),
  ],
);

/** An export as a client orders it; its parts are jobs of one device each. */
export const awsExports = sqliteTable(
  'aws_exports',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }),
    id: text('id').notNull(),
    /** The newest job when it was made: its place in a list of jobs. */
    afterJob: integer('after_job').notNull(),
    request: text('request', { mode: 'json' }).$type<KeptRequest>().notNull(),
    /** What its parts are like; each has a key range of its own. */
    template: text('template', { mode: 'json' }).$type<NewJob>().notNull(),
    /** `listing`: the store is being listed, there are no parts yet. */
    state: text('state', { enum: ['listing', 'parted', 'cancelled'] }).notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: text('created_at').notNull(),
  },
  (table) => [uniqueIndex('aws_exports_id').on(table.id)],
);

/** A group of devices for one data set. */
export const awsClusters = sqliteTable(
  'aws_clusters',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }),
    id: text('id').notNull(),
    request: text('request', { mode: 'json' }).$type<KeptRequest>().notNull(),
    cancelledAt: text('cancelled_at'),
    createdBy: text('created_by').notNull(),
    createdAt: text('created_at').notNull(),
  },
  (table) => [uniqueIndex('aws_clusters_id').on(table.id)],
);

/** What came with a disk job of the Import/Export API. */
export const diskOrders = sqliteTable('disk_orders', {
  jobId: text('job_id').primaryKey(),
  /** YAML, without the values of passwords. */
  manifest: text('manifest').notNull(),
  /** Text of the file SIGNATURE that the disk carries; null where no file system is mounted. */
  signatureFile: text('signature_file'),
  /** Where the log goes. */
  logStoreId: text('log_store_id').notNull(),
  logBucket: text('log_bucket').notNull(),
  logKey: text('log_key').notNull(),
  /** When its job was cancelled because no disk came. */
  expiredAt: text('expired_at'),
});
