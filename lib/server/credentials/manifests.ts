import { eq } from 'drizzle-orm';
import type { StationCredentials } from '../../api/schemas/work-schemas.ts';
import { WaybillError } from '../../domain/errors.ts';
import { requireEvidence } from '../../domain/irreversible.ts';
import { checkChannel, credentialsAvailable, FINAL_STATES } from '../../domain/lifecycle.ts';
import { KEY_RULES } from '../../domain/object-keys.ts';
import { OPTION_RULES, volumeKindOf } from '../../domain/options.ts';
import { leftOutOf, reportPlace } from '../../domain/report-place.ts';
import { issueJobCertificate, type KeyedCertificate } from '../../keys/certificates.ts';
import { buildManifest, ManifestSecrets } from '../../keys/manifest/manifest.ts';
import { makeUnlockCode } from '../../keys/manifest/unlock-code.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { jobKmsKey } from '../aws/aws-jobs.ts';
import { stationOrderOf } from '../aws/disk-orders.ts';
import { markerOf } from '../checks/bucket-markers.ts';
import { appendCustody } from '../custody/log.ts';
import { jobCredentials } from '../db/schema/schema.ts';
import { evidenceOf } from '../erasing/evidence.ts';
import { publishEvent } from '../events/publish.ts';
import { getJob, type Job } from '../jobs/job.ts';
import { insertToken } from '../people/tokens.ts';
import type { Console } from '../startup/open-console.ts';
import { getStore, openSpec } from '../stores/stores.ts';

type Keys = Pick<Console, 'db' | 'kms' | 'authority'>;

/** How long a manifest, its token and the job's certificate are good for. */
export const MANIFEST_DAYS = 180;
const CERTIFICATE_DAYS = 730;
/** The seal in an archive has to prove itself for as long as the archive may lie there: as long as the authority may. */
const ARCHIVE_CERTIFICATE_DAYS = 20 * 365;
const DAY_MS = 86_400_000;

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
async function openJobCredentials(keys: Keys, job: Job, now: Date): Promise<OpenCredentials> {
  const { db, kms } = keys;
  const theirs = eq(jobCredentials.jobId, job.id);
  let [row] = await db.read.select().from(jobCredentials).where(theirs);
  if (!row) {
    const made = await makeCredentials(keys, job, now);
    // Two requests may come at once: the first one's keys are the job's.
    row = await db.transaction(async (tx) => {
      await tx.insert(jobCredentials).values(made).onConflictDoNothing();
      const [kept] = await tx.select().from(jobCredentials).where(theirs);
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
    ...{ jobId: job.id, deviceId, now },
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
  console: Pick<Console, 'db' | 'kms' | 'authority' | 'config'>,
  actor: Actor,
  jobId: string,
  now: Date,
): Promise<Buffer> {
  const job = await jobForCredentials(console, actor, jobId, 'manifest', now);
  const { db, authority, config } = console;
  const store = await getStore(db.read, job.storeId);
  const { jobKey, signer, unlockCode } = await openJobCredentials(console, job, now);
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
      ...{ jobId, jobName: job.name, type, option, deviceId, volumeId, sizeBytes },
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
    ...{ unlockCode, authority, now },
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

function knownSealOf({ seal }: Job): StationCredentials['seal'] {
  if (!seal) return null;
  const { sealDigest, objects, bytes } = seal;
  return { sealDigest, objects, bytes };
}

const WITH_STATION = ['preparing', 'exporting', 'at-facility', 'importing', 'erasing'];
/** A device that arrives is received once its seal proves it. */
const ARRIVING = ['in-transit-to-facility', 'at-sorting'];

/** Whether a station may work on the device; one that is done with is proved once more before it is erased. */
function isWithStation({ type, option, state, erased }: Job): boolean {
  if (type === 'import' && ARRIVING.includes(state)) return true;
  if (state === 'completed') return !erased && OPTION_RULES[option].owner === 'provider';
  return WITH_STATION.includes(state);
}

/** What a station needs for its work. Throws NotFound, Forbidden, InvalidJobState. */
export async function stationCredentials(
  keys: Keys,
  actor: Actor,
  jobId: string,
  now: Date,
): Promise<StationCredentials> {
  authorize(actor, 'job.station-credentials', jobId);
  const { db, authority } = keys;
  const job = await getJob(db.read, jobId);
  const { deviceId, volumeId, option, type, sizeBytes, bucket, prefix } = job;
  if (!isWithStation(job) || deviceId === null) {
    const allowed = `only while ${[...WITH_STATION, ...ARRIVING].join(', ')}`;
    throw new WaybillError('InvalidJobState', {
      ...{ action: 'work of a station', state: job.state, allowed },
    });
  }
  const { jobKey, signer } = await openJobCredentials(keys, job, now);
  const order = await stationOrderOf(keys, job);
  const { settings } = await getStore(db.read, job.storeId);
  const reports = reportPlace(settings?.reports, bucket);
  await db.transaction((tx) =>
    appendCustody(tx, actor, { kind: 'credentials.station', jobId, deviceId, detail: {} }, now),
  );
  return {
    ...{ jobId, deviceId, volumeId, option, type, sizeBytes, signer, archive: job.archive },
    overwritePolicy: job.overwritePolicy,
    volumeKind: volumeKindOf(option, job.encrypted),
    jobKey: jobKey?.toString('base64') ?? null,
    caCertificatePem: authority.certificatePem,
    seal: knownSealOf(job),
    store: {
      ...{ spec: await openSpec(keys, job.storeId, bucket), prefix },
      ...(job.rangeBegin === null ? {} : { begin: job.rangeBegin }),
      ...(job.rangeEnd === null ? {} : { end: job.rangeEnd }),
      without: leftOutOf(job, settings?.reports),
      readTwice: settings?.readTwice,
      reports: {
        ...reports,
        marker: await markerOf(db.read, job.storeId, reports.bucket),
      },
    },
    ...(order && { order }),
  };
}
