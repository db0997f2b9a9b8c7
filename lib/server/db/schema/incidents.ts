import { sql } from 'drizzle-orm';
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { INCIDENT_KINDS } from '../../../domain/incidents.ts';

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
