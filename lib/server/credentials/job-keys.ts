import { eq } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import { volumeKindOf } from '../../domain/options.ts';
import { issueJobCertificate, type KeyedCertificate } from '../../keys/certificates.ts';
import { makeUnlockCode } from '../../keys/manifest/unlock-code.ts';
import { jobKmsKey } from '../aws/aws-jobs.ts';
import type { ServerContext } from '../context/server-context.ts';
import { jobCredentials } from '../db/schema/credentials.ts';
import type { Job } from '../jobs/job.ts';

export type Keys = Pick<ServerContext, 'db' | 'kms' | 'authority'>;

const CERTIFICATE_DAYS = 730;

/** The seal in an archive has to prove itself for as long as the archive may lie there: as long as the authority may. */
const ARCHIVE_CERTIFICATE_DAYS = 20 * 365;

const USES = ['job-key', 'private-key', 'unlock-code'] as const;

/** What a wrapped secret of a job is bound to. */
export const jobContext = (jobId: string, use: (typeof USES)[number]) => ({ job: jobId, use });

interface OpenCredentials {
  /** 32 bytes; null for a bag. */
  jobKey: Buffer | null;
  signer: KeyedCertificate;
  unlockCode: string;
}

/** The keys of a job, made at first need and kept wrapped. */
export async function openJobCredentials(
  keys: Keys,
  job: Job,
  now: Date,
): Promise<OpenCredentials> {
  const { db, kms } = keys;
  const ofJob = eq(jobCredentials.jobId, job.id);
  let [row] = await db.read.select().from(jobCredentials).where(ofJob);
  if (!row) {
    const made = await makeCredentials(keys, job, now);
    // Two requests may come at once: the first one's keys are the job's.
    row = await db.transaction(async (tx) => {
      await tx.insert(jobCredentials).values(made).onConflictDoNothing();
      const [kept] = await tx.select().from(jobCredentials).where(ofJob);
      return kept ?? made;
    });
  }
  const { wrappedJobKey, certificatePem, keyDestroyedAt: at } = row;
  if (at) throw new WaybillError('KeyDestroyed', { jobId: job.id, at });
  const open = (wrapped: string, use: (typeof USES)[number]) =>
    kms.unwrap(wrapped, jobContext(job.id, use));
  return {
    jobKey: wrappedJobKey === null ? null : await open(wrappedJobKey, 'job-key'),
    signer: {
      certificatePem,
      privateKeyPem: (await open(row.wrappedPrivateKey, 'private-key')).toString('utf8'),
    },
    unlockCode: (await open(row.wrappedUnlockCode, 'unlock-code')).toString('utf8'),
  };
}

async function makeCredentials({ db, kms, authority }: Keys, job: Job, now: Date) {
  const keyId = await jobKmsKey(db.read, job.id);
  const isBag = volumeKindOf(job.option, job.encrypted) === 'bag';
  const deviceId = job.deviceId ?? '';
  const certificate = await issueJobCertificate(authority, {
    jobId: job.id,
    deviceId,
    now,
    days: job.archive === 'device' ? ARCHIVE_CERTIFICATE_DAYS : CERTIFICATE_DAYS,
  });
  const wrap = (secret: string, use: (typeof USES)[number]) =>
    kms.wrap(Buffer.from(secret), jobContext(job.id, use), keyId);
  const dataKey = isBag
    ? undefined
    : await kms.generateDataKey(jobContext(job.id, 'job-key'), keyId);
  return {
    jobId: job.id,
    wrappedJobKey: dataKey?.wrapped ?? null,
    certificatePem: certificate.certificatePem,
    wrappedPrivateKey: await wrap(certificate.privateKeyPem, 'private-key'),
    wrappedUnlockCode: await wrap(makeUnlockCode(), 'unlock-code'),
    keyDestroyedAt: null,
    createdAt: now.toISOString(),
  };
}
