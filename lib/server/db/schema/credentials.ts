import { sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Keys of a job: everything secret is wrapped by the KMS, bound to the job. */
export const jobCredentials = sqliteTable('job_credentials', {
  jobId: text('job_id').primaryKey(),
  wrappedJobKey: text('wrapped_job_key'),
  certificatePem: text('certificate_pem').notNull(),
  wrappedPrivateKey: text('wrapped_private_key').notNull(),
  wrappedUnlockCode: text('wrapped_unlock_code').notNull(),
  /** From then on the secrets above are empty. */
  keyDestroyedAt: text('key_destroyed_at'),
  createdAt: text('created_at').notNull(),
});
