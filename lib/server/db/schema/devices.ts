import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { DeviceMeasure } from '../../../domain/devices.ts';
import { DEVICE_OWNERS, DEVICE_STATES } from '../../../domain/words.ts';

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
