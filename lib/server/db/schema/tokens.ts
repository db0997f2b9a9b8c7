import { sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { PEOPLE_ROLES } from '../../../domain/words.ts';

/** Bearer tokens of people, jobs and stations; only their hashes are kept. */
export const accessTokens = sqliteTable(
  'access_tokens',
  {
    id: text('id').primaryKey(),
    kind: text('kind', { enum: ['person', 'job', 'station'] }).notNull(),
    hash: text('hash').notNull(),
    name: text('name').notNull(),
    /** Person's id, job id, or station name. */
    subject: text('subject').notNull(),
    role: text('role', { enum: [...PEOPLE_ROLES, 'job', 'station'] }).notNull(),
    createdAt: text('created_at').notNull(),
    expiresAt: text('expires_at'),
    revokedAt: text('revoked_at'),
  },
  (table) => [uniqueIndex('access_tokens_hash').on(table.hash)],
);
