import { sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Facts of the installation by name; secret ones are wrapped or hashed. */
export const settings = sqliteTable('settings', {
  name: text('name').primaryKey(),
  value: text('value').notNull(),
});
