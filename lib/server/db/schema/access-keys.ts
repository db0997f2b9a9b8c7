import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Tables of the AWS-compatible API: its keys, and what a request said that a job itself does not need. */

/** Access keys of people for signed requests. The secret is wrapped: a signature is checked with the secret itself. */
export const accessKeys = sqliteTable(
  'access_keys',
  {
    id: text('id').primaryKey(),
    personId: text('person_id').notNull(),
    name: text('name').notNull(),
    wrappedSecret: text('wrapped_secret').notNull(),
    createdAt: text('created_at').notNull(),
    expiresAt: text('expires_at'),
    revokedAt: text('revoked_at'),
  },
  (table) => [index('access_keys_person').on(table.personId)],
);

/** Signatures of requests that change something, until they are too old to be accepted again. */
export const usedSignatures = sqliteTable(
  'used_signatures',
  {
    signature: text('signature').primaryKey(),
    /** Milliseconds since 1970 by the console's clock. */
    untilMs: integer('until_ms').notNull(),
  },
  (table) => [index('used_signatures_until').on(table.untilMs)],
);
