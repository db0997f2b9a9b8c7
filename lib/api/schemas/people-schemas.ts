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

export const inviteRequest = z.object({ name: line(100), email, role: z.enum(PEOPLE_ROLES) });

/** A one-time link: mailed, or shown once. */
export const issuedLink = z.object({
  id: z.string(),
  link: z.string().nullable(),
  mailed: z.boolean(),
  problem: z.string().nullable(),
  expiresAt: time,
});

export const invitationRow = z.object({
  id: z.string(),
  kind: z.enum(['invitation', 'password']),
  name: z.string(),
  email: z.string(),
  role: z.enum(PEOPLE_ROLES),
  createdBy: z.string(),
  createdAt: time,
  expiresAt: time,
});

const linkToken = z.string().max(200);

export const invitationQuestion = z.object({ token: linkToken });

export const invitationAnswer = invitationRow.pick({ kind: true, name: true, email: true });

export const acceptRequest = z.object({ token: linkToken, password });

export const sessionRow = z.object({
  id: z.string(),
  personId: z.string(),
  createdAt: time,
  seenAt: time,
  expiresAt: time,
  ipAddress: z.string().nullable(),
  userAgent: z.string().nullable(),
  /** The one the caller uses. */
  current: z.boolean(),
});

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
