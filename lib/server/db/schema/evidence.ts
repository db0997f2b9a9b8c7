import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ErasedMedium } from '../../../domain/erasing.ts';

/** What a person decided, and why. `by` is an actor, times are ISO 8601. */
export interface Decision {
  at: string;
  by: string;
  note: string;
}

/** Objects that a person gave up: all that the failure log of this digest names. */
export interface AcceptedLosses extends Decision {
  /** SHA-256 of the failure log, hex. */
  list: string;
  objects: number;
}

/** The erasing of a device that the rule allowed. */
export interface BegunErasing {
  at: string;
  by: string;
  /** SHA-256 of the seal that was verified, hex; null where an administrator allowed to erase without. */
  sealDigest: string | null;
  verified: boolean;
}

/** An erasing that was done: what its certificate says. Sizes bytes. */
export interface Erasure extends BegunErasing {
  files: number;
  bytes: number;
  method: string;
  medium?: ErasedMedium | undefined;
  /** Why it was erased although it could not be verified, by whom. */
  unverified: Decision | null;
}

/** What acts that cannot be undone rest on, beside the job's own row. A job without a row has nothing of it. */
export const jobEvidence = sqliteTable('job_evidence', {
  jobId: text('job_id').primaryKey(),
  /** SHA-256 of the failure log of the report that stands, hex. */
  failureList: text('failure_list'),
  /** How many reports were handed in; each took the place of the one before. */
  reportAttempts: integer('report_attempts').notNull().default(0),
  /** Since when the failed objects are to be tried again. */
  retryRequested: text('retry_requested'),
  acceptedLosses: text('accepted_losses', { mode: 'json' }).$type<AcceptedLosses>(),
  restoreConfirmed: text('restore_confirmed', { mode: 'json' }).$type<Decision>(),
  eraseAllowed: text('erase_allowed', { mode: 'json' }).$type<Decision>(),
  begunErasing: text('begun_erasing', { mode: 'json' }).$type<BegunErasing>(),
  erasure: text('erasure', { mode: 'json' }).$type<Erasure>(),
});
