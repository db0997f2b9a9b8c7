import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

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
