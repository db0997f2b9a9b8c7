import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { DELIVERY_STATES, NOTICE_TYPES, TARGET_KINDS } from '../../../domain/notifications.ts';
import type { JobState } from '../../../domain/words.ts';

/** Who is told what happens to jobs, what waits to be told, and how that went. */

const flag = (name: string) => integer(name, { mode: 'boolean' });

export const notificationTargets = sqliteTable('notification_targets', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  kind: text('kind', { enum: TARGET_KINDS }).notNull(),
  address: text('address').notNull(),
  /** Signs a webhook's messages; wrapped by the KMS, bound to the target. */
  wrappedSecret: text('wrapped_secret'),
  everyJob: flag('every_job').notNull(),
  notifyAll: flag('notify_all').notNull(),
  states: text('states', { mode: 'json' }).$type<JobState[]>().notNull(),
  attention: flag('attention').notNull(),
  createdAt: text('created_at').notNull(),
  failingSince: text('failing_since'),
  disabledAt: text('disabled_at'),
  disabledWhy: text('disabled_why'),
  removedAt: text('removed_at'),
});

/** Messages, written in the transaction of the change they tell of. Milliseconds are since 1970 by the console's clock. */
export const notificationOutbox = sqliteTable(
  'notification_outbox',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }),
    /** The same at every attempt, so that a receiver can tell a repetition. */
    id: text('id').notNull(),
    targetId: text('target_id')
      .notNull()
      .references(() => notificationTargets.id),
    jobId: text('job_id'),
    type: text('type', { enum: NOTICE_TYPES }).notNull(),
    data: text('data', { mode: 'json' }).$type<Record<string, unknown>>().notNull(),
    createdAt: text('created_at').notNull(),
    state: text('state', { enum: DELIVERY_STATES }).notNull(),
    attempts: integer('attempts').notNull().default(0),
    nextMs: integer('next_ms').notNull(),
    /** A process is sending it until then; a dead one's work is taken over. */
    leaseMs: integer('lease_ms').notNull().default(0),
  },
  (table) => [
    uniqueIndex('notification_outbox_id').on(table.id),
    index('notification_outbox_due').on(table.state, table.nextMs),
    index('notification_outbox_target').on(table.targetId, table.seq),
  ],
);

export const notificationAttempts = sqliteTable(
  'notification_attempts',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }),
    messageId: text('message_id').notNull(),
    at: text('at').notNull(),
    status: integer('status'),
    error: text('error'),
    milliseconds: integer('milliseconds').notNull(),
  },
  (table) => [index('notification_attempts_message').on(table.messageId, table.seq)],
);
