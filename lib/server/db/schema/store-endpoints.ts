import { primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { RemoteSettings } from '../../../stores/store-spec.ts';
import { stores } from './stores.ts';

/** Where a store is that is not a directory of the station's host. */
export const storeEndpoints = sqliteTable('store_endpoints', {
  storeId: text('store_id')
    .primaryKey()
    .references(() => stores.id),
  settings: text('settings', { mode: 'json' }).$type<RemoteSettings>().notNull(),
  /** The key pair as JSON, wrapped by the KMS and bound to the store. */
  wrappedCredentials: text('wrapped_credentials').notNull(),
  changedAt: text('changed_at').notNull(),
});

/** By what file a bucket in a directory is known again (lib/stores/local/bucket-marker.ts). */
export const bucketMarkers = sqliteTable(
  'bucket_markers',
  {
    storeId: text('store_id')
      .notNull()
      .references(() => stores.id),
    bucket: text('bucket').notNull(),
    marker: text('marker').notNull(),
    notedAt: text('noted_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.storeId, table.bucket] })],
);
