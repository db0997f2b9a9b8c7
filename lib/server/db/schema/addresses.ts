import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { ADDRESS_TYPES } from '../../../domain/addresses.ts';

/** Where devices are shipped to and from. None is deleted: jobs refer to them. */
export const addresses = sqliteTable(
  'addresses',
  {
    /** Order of creation, for paging. */
    seq: integer('seq').primaryKey({ autoIncrement: true }),
    id: text('id').notNull().unique(),
    name: text('name').notNull(),
    company: text('company').notNull(),
    street1: text('street1').notNull(),
    street2: text('street2').notNull(),
    street3: text('street3').notNull(),
    city: text('city').notNull(),
    stateOrProvince: text('state_or_province').notNull(),
    prefectureOrDistrict: text('prefecture_or_district').notNull(),
    landmark: text('landmark').notNull(),
    country: text('country').notNull(),
    postalCode: text('postal_code').notNull(),
    phoneNumber: text('phone_number').notNull(),
    isRestricted: integer('is_restricted', { mode: 'boolean' }).notNull(),
    type: text('type', { enum: ADDRESS_TYPES }).notNull(),
    createdAt: text('created_at').notNull(),
    archivedAt: text('archived_at'),
  },
  (table) => [index('addresses_archived').on(table.archivedAt, table.seq)],
);
