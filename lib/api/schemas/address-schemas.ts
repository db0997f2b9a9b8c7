import { z } from 'zod';
import { ADDRESS_TYPES } from '../../domain/addresses.ts';
import { time } from './fields.ts';

/** Addresses. Their rules are those of lib/domain/addresses.ts; lengths here only bound what is read. */

const text = z.string().trim().max(200);

export const addressFields = z.object({
  name: text,
  company: text.default(''),
  street1: text,
  street2: text.default(''),
  street3: text.default(''),
  city: text,
  stateOrProvince: text.default(''),
  prefectureOrDistrict: text.default(''),
  landmark: text.default(''),
  country: text.toUpperCase(),
  postalCode: text.default(''),
  phoneNumber: text,
  isRestricted: z.boolean().default(false),
  type: z.enum(ADDRESS_TYPES).default('delivery'),
});

/** What is given of an address replaces what was. */
export const addressChange = z
  .object({
    name: text,
    company: text,
    street1: text,
    street2: text,
    street3: text,
    city: text,
    stateOrProvince: text,
    prefectureOrDistrict: text,
    landmark: text,
    country: text.toUpperCase(),
    postalCode: text,
    phoneNumber: text,
    isRestricted: z.boolean(),
    type: z.enum(ADDRESS_TYPES),
  })
  .partial()
  .extend({ archived: z.boolean().optional() });

export const addressText = z.object({
  name: z.string(),
  company: z.string(),
  street1: z.string(),
  street2: z.string(),
  street3: z.string(),
  city: z.string(),
  stateOrProvince: z.string(),
  prefectureOrDistrict: z.string(),
  landmark: z.string(),
  country: z.string(),
  postalCode: z.string(),
  phoneNumber: z.string(),
  isRestricted: z.boolean(),
  type: z.enum(ADDRESS_TYPES),
});

export const addressRow = addressText.extend({
  /** "ADID" and a UUID, as the ids of the Snowball API. */
  id: z.string(),
  createdAt: time,
  /** No new job may use it from then on. */
  archivedAt: time.nullable(),
});

export type AddressRow = z.output<typeof addressRow>;
