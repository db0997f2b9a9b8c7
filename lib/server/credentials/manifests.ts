import { WaybillError } from '../../domain/errors.ts';
import { requireEvidence } from '../../domain/irreversible.ts';
import { FINAL_STATES } from '../../domain/lifecycle.ts';
import { checkChannel, credentialsAvailable } from '../../domain/lifecycle-decision.ts';
import { KEY_RULES } from '../../domain/object-keys.ts';
import { volumeKindOf } from '../../domain/options.ts';
import { buildManifest, ManifestSecrets } from '../../keys/manifest/manifest.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import type { ServerContext } from '../context/server-context.ts';
import { appendCustody } from '../custody/log.ts';
import { evidenceOf } from '../erasing/evidence.ts';
import { publishEvent } from '../events/publish.ts';
import { getJob, type Job } from '../jobs/job.ts';
import { insertToken } from '../people/tokens.ts';
import { getStore } from '../stores/stores.ts';
import { type Keys, openJobCredentials } from './job-keys.ts';

/** How long a manifest, its token and the job's certificate are good for. */
export const MANIFEST_DAYS = 180;
const DAY_MS = 86_400_000;

/**
 * A job whose credentials this actor may have now. Throws NotFound, Forbidden, NotManageableInConsole,
 * CredentialsNotAvailable, PreconditionFailed.
 */
async function jobForCredentials(
  { db }: Keys,
  actor: Actor,
  jobId: string,
  command: string,
  now: Date,
): Promise<Job & { deviceId: string }> {
  authorize(actor, 'job.credentials', jobId);
  const job = await getJob(db.read, jobId);
  checkChannel(job.option, actor.channel, `waybill job ${command} ${jobId}`);
  const { deviceId } = job;
  if (!credentialsAvailable(job) || deviceId === null) {
    throw new WaybillError('CredentialsNotAvailable', { state: job.state });
  }
  requireEvidence('release-credentials', await evidenceOf(db.read, job, now));
  return { ...job, deviceId };
}

/** The job's manifest with a fresh token in it. The custody log records it. Returns DER. */
export async function issueManifest(
  context: Pick<ServerContext, 'db' | 'kms' | 'authority' | 'config'>,
  actor: Actor,
  jobId: string,
  now: Date,
): Promise<Buffer> {
  const job = await jobForCredentials(context, actor, jobId, 'manifest', now);
  const { db, authority, config } = context;
  const store = await getStore(db.read, job.storeId);
  const { jobKey, signer, unlockCode } = await openJobCredentials(context, job, now);
  const expiresAt = new Date(now.getTime() + MANIFEST_DAYS * DAY_MS);
  const jobToken = await db.transaction(async (tx) => {
    const ofJob = { kind: 'job', name: `Manifest of ${job.name}`, subject: jobId } as const;
    // Of a job that has ended there is nothing to tell any more.
    const { id: tokenId, token } = FINAL_STATES.includes(job.state)
      ? { id: null, token: null }
      : await insertToken(tx, actor, { ...ofJob, role: 'job', expiresAt }, now);
    const event = { jobId, deviceId: job.deviceId, detail: { tokenId } };
    await appendCustody(tx, actor, { kind: 'credentials.manifest', ...event }, now);
    await publishEvent(tx, { jobId, kind: 'credentials', detail: { what: 'manifest' } }, now);
    return token;
  });
  const { option, type, deviceId, volumeId, sizeBytes, bucket, prefix } = job;
  return buildManifest({
    payload: {
      jobId,
      jobName: job.name,
      type,
      option,
      deviceId,
      volumeId,
      sizeBytes,
      volumeKind: volumeKindOf(option, job.encrypted),
      store: { kind: store.kind, bucket, prefix },
      overwritePolicy: job.overwritePolicy,
      storeRules: KEY_RULES[store.kind],
      processing: job.processing,
      consoleUrl: config.publicUrl,
      issuedAt: now.toISOString(),
      expiresAt: expiresAt.toISOString(),
    },
    secrets: new ManifestSecrets({ jobKey, jobToken, signer }),
    unlockCode,
    authority,
    now,
  });
}

/** Records that a link to a job's manifest is given out. Throws what `issueManifest` refuses. */
export async function announceManifestLink(
  keys: Pick<Keys, 'db' | 'kms' | 'authority'>,
  actor: Actor,
  { jobId, until }: { jobId: string; until: Date },
  now: Date,
): Promise<void> {
  const { deviceId } = await jobForCredentials(keys, actor, jobId, 'manifest', now);
  const detail = { what: 'manifest', until: until.toISOString() };
  await keys.db.transaction((tx) =>
    appendCustody(tx, actor, { kind: 'credentials.link', jobId, deviceId, detail }, now),
  );
}

/** The unlock code of a job's manifests. The custody log records it. */
export async function revealUnlockCode(
  keys: Keys,
  actor: Actor,
  jobId: string,
  now: Date,
): Promise<string> {
  const job = await jobForCredentials(keys, actor, jobId, 'unlock-code', now);
  const { unlockCode } = await openJobCredentials(keys, job, now);
  await keys.db.transaction(async (tx) => {
    const event = { jobId, deviceId: job.deviceId, detail: {} };
    await appendCustody(tx, actor, { kind: 'credentials.unlock-code', ...event }, now);
    await publishEvent(tx, { jobId, kind: 'credentials', detail: { what: 'unlock code' } }, now);
  });
  return unlockCode;
}
