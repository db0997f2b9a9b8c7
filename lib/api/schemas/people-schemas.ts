import { z } from 'zod';
import { CHANNELS, PEOPLE_ROLES, ROLES } from '../../domain/words.ts';
import { email, line, password, time } from './fields.ts';

/** People, their tokens, and who is calling. */

export const personRow = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(PEOPLE_ROLES),
  disabled: z.boolean(),
  createdAt: time,
});

export const personRequest = z.object({
  name: line(100),
  email,
  role: z.enum(PEOPLE_ROLES),
  password,
});

export const personChange = z
  .object({ name: line(100), role: z.enum(PEOPLE_ROLES), disabled: z.boolean(), password })
  .partial();

export const setupRequest = z.object({
  token: z.string().max(200),
  name: line(100),
  email,
  password,
});

export const tokenRow = z.object({
  id: z.string(),
  kind: z.enum(['person', 'job', 'station']),
  name: z.string(),
  subject: z.string(),
  role: z.enum(ROLES),
  createdAt: time,
  expiresAt: time.nullable(),
  revokedAt: time.nullable(),
});

export const tokenRequest = z.object({
  kind: z.enum(['person', 'station']).default('person'),
  name: line(100),
  expiresInDays: z.number().int().min(1).max(3650).optional(),
});

export const accessKeyRow = z.object({
  id: z.string(),
  personId: z.string(),
  name: z.string(),
  createdAt: time,
  expiresAt: time.nullable(),
  revokedAt: time.nullable(),
});

export const accessKeyRequest = z.object({
  name: line(100),
  expiresInDays: z.number().int().min(1).max(3650).optional(),
});

export const me = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  role: z.enum(ROLES),
  channel: z.enum(CHANNELS),
  jobId: z.string().nullable(),
});
