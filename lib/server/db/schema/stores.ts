import { sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { StoreSettings } from '../../../domain/store-settings.ts';
import { STORE_KINDS } from '../../../domain/words.ts';

export const stores = sqliteTable('stores', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  kind: text('kind', { enum: STORE_KINDS }).notNull(),
  /** Directory that holds the buckets (directory store and the embedded stand-ins). */
  root: text('root').notNull(),
  /** How reports are kept and exports are read; null: as usual. */
  settings: text('settings', { mode: 'json' }).$type<StoreSettings>(),
  createdAt: text('created_at').notNull(),
});
