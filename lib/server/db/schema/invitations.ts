import { sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { PEOPLE_ROLES } from '../../../domain/words.ts';

/** One-time links by which people choose a password: their first, or a new one. Only hashes of the links are kept. */
export const invitations = sqliteTable(
  'invitations',
  {
    id: text('id').primaryKey(),
    kind: text('kind', { enum: ['invitation', 'password'] }).notNull(),
    hash: text('hash').notNull(),
    email: text('email').notNull(),
    name: text('name').notNull(),
    role: text('role', { enum: PEOPLE_ROLES }).notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: text('created_at').notNull(),
    expiresAt: text('expires_at').notNull(),
    usedAt: text('used_at'),
    revokedAt: text('revoked_at'),
  },
  (table) => [uniqueIndex('invitations_hash').on(table.hash)],
);
