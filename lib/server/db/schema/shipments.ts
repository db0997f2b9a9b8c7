import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { Address } from '../../../domain/addresses.ts';
import { LEGS } from '../../../domain/words.ts';

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
