import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/**
 * How a copy, import or export went: one row a slot of time, thinned out as it grows longer, so that a job has
 * few rows however long it runs. Counts and sizes are totals of the phase so far.
 */
export const progressSamples = sqliteTable(
  'progress_samples',
  {
    jobId: text('job_id').notNull(),
    phase: text('phase').notNull(),
    /** Milliseconds since 1970 by the console's clock, divided by `stepMs`. */
    slot: integer('slot').notNull(),
    stepMs: integer('step_ms').notNull(),
    at: text('at').notNull(),
    objects: integer('objects').notNull(),
    bytes: integer('bytes').notNull(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.phase, table.slot] })],
);
