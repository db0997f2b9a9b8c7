import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Signed heads of the custody log. They lie as files beside the database too; triggers refuse to change or delete a row. */
export const custodyHeads = sqliteTable('custody_heads', {
  /** Number of the last entry that it vouches for. */
  seq: integer('seq').primaryKey(),
  /** Hash of that entry. */
  hash: text('hash').notNull(),
  at: text('at').notNull(),
  /** CMS SignedData, base64. */
  cms: text('cms').notNull(),
});
