import { index, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { PlanStep } from '../../../domain/processing.ts';

/** Functions that jobs can name instead of carrying their code. A job has a copy from then on. */
export const keptFunctions = sqliteTable('kept_functions', {
  name: text('name').primaryKey(),
  /** SHA-256 of the code, hex. */
  sha256: text('sha256').notNull(),
  step: text('step', { mode: 'json' }).$type<PlanStep>().notNull(),
  changedBy: text('changed_by').notNull(),
  changedAt: text('changed_at').notNull(),
});

/** Which jobs have which code, as a step of their own. */
export const jobFunctions = sqliteTable(
  'job_functions',
  {
    /** SHA-256 of the code, hex. */
    sha256: text('sha256').notNull(),
    jobId: text('job_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.sha256, table.jobId] }),
    index('job_functions_job').on(table.jobId),
  ],
);
