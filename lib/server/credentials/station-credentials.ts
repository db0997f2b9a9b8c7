import type { StationCredentials } from '../../api/schemas/work-schemas.ts';
import { WaybillError } from '../../domain/errors.ts';
import { OPTION_RULES, volumeKindOf } from '../../domain/options.ts';
import { leftOutOf, reportPlace } from '../../domain/report-place.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { stationOrderOf } from '../aws/disk-orders.ts';
import { appendCustody } from '../custody/log.ts';
import { getJob, type Job } from '../jobs/job.ts';
import { markerOf } from '../store-markers/bucket-markers.ts';
import { openSpec } from '../stores/open-store-spec.ts';
import { getStore } from '../stores/stores.ts';
import { type Keys, openJobCredentials } from './job-keys.ts';

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
      action: 'work of a station',
      state: job.state,
      allowed,
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
    jobId,
    deviceId,
    volumeId,
    option,
    type,
    sizeBytes,
    signer,
    archive: job.archive,
    overwritePolicy: job.overwritePolicy,
    volumeKind: volumeKindOf(option, job.encrypted),
    jobKey: jobKey?.toString('base64') ?? null,
    caCertificatePem: authority.certificatePem,
    seal: knownSealOf(job),
    store: {
      spec: await openSpec(keys, job.storeId, bucket),
      prefix,
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
