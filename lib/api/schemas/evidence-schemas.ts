import { z } from 'zod';
import { INCIDENT_KINDS } from '../../domain/incidents.ts';
import type { Evidence } from '../../domain/irreversible.ts';
import { DEVICE_OWNERS, JOB_STATES, JOB_TYPES, OPERATION_STATES } from '../../domain/words.ts';
import { bytes, count, note, time } from './fields.ts';

/** What acts that cannot be undone rest on, and what people decide about them. Sizes bytes, times ISO 8601 in UTC. */

/** SHA-256, hex. */
export const digest = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in 64 hexadecimal digits');

/** All that the rule looks at; lib/domain/irreversible.ts says what each member means. */
export const evidence = z.object({
  type: z.enum(JOB_TYPES),
  state: z.enum(JOB_STATES),
  owner: z.enum(DEVICE_OWNERS),
  begun: z.boolean(),
  incidents: z.array(z.enum(INCIDENT_KINDS)),
  sealDigest: z.string().nullable(),
  objects: count,
  reported: z.boolean(),
  reportedDigest: z.string().nullable(),
  failed: count,
  failureList: z.string().nullable(),
  acceptedList: z.string().nullable(),
  graceEnds: time.nullable(),
  graceOver: z.boolean(),
  restore: z.enum(OPERATION_STATES).exclude(['planned']).nullable(),
  restoreConfirmed: z.boolean(),
  retryRequested: z.boolean(),
  uncomparedSeals: z.array(z.string()),
  sealsRequired: z.boolean(),
  eraseUnverified: z.boolean(),
  erasingDigest: z.string().nullable(),
  erased: z.boolean(),
  wholeArchive: z.boolean(),
}) satisfies z.ZodType<Evidence>;

/** What a person decided. `by` is a name. */
const decision = z.object({ at: time, by: z.string(), note: z.string() });

export const decisions = z.object({
  acceptedLosses: decision.extend({ list: z.string(), objects: count }).nullable(),
  restoreConfirmed: decision.nullable(),
  eraseAllowed: decision.nullable(),
});

/** How a device was erased. `by` is a name; `unverified` says why it was erased although nothing verified it. */
export const erasure = z.object({
  at: time,
  by: z.string(),
  files: count,
  bytes,
  method: z.string(),
  verified: z.boolean(),
  sealDigest: z.string().nullable(),
  unverified: decision.nullable(),
});

export const losses = z.object({
  objects: count,
  list: digest,
  bytes,
  first: z.array(z.object({ key: z.string(), reason: z.string(), detail: z.string() })),
  graceDays: count,
});

/** A decision that cannot be taken back says why. */
const reason = note.min(1, 'say why');

export const acceptRequest = z.object({ list: digest, note: reason });

export const decisionRequest = z.object({ note: reason });

export const sealSettings = z.object({ required: z.boolean() });

export const erasingSettings = z.object({ graceDays: z.number().int().min(0).max(3650) });

export type Losses = z.output<typeof losses>;
