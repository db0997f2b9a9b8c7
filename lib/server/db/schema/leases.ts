import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { STATION_WORK } from '../../../domain/words.ts';

/** Work of a station on a job, claimed by row; a dead station's work is taken over when its lease runs out. */
export const leases = sqliteTable('leases', {
  jobId: text('job_id').primaryKey(),
  id: text('id').notNull(),
  work: text('work', { enum: STATION_WORK }).notNull(),
  holder: text('holder').notNull(),
  /** Milliseconds since 1970 by the console's clock. */
  expiresMs: integer('expires_ms').notNull(),
});
