import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import type { DeviceMeasure } from '../../lib/domain/devices.ts';
import { isWaybillError, WaybillError } from '../../lib/domain/errors.ts';
import { fitsOneDevice, partsWords, type RangeSum } from '../../lib/domain/range-sum.ts';
import { formatBytes } from '../../lib/domain/sizes.ts';
import { requireStoreFor } from '../../lib/stores/access-check/job-access.ts';
import { sumOfRange } from '../../lib/stores/range/export-parts.ts';
import { markStore } from './mark-store.ts';
import type { Station } from './station.ts';

/**
 * Makes sure, before a device is prepared, that its job can end: the store has the bucket and the rights that are
 * needed, and what an export takes is known and fits on the device. Throws BucketNotFound, StoreRightsMissing,
 * StoreFull, StoreUnavailable, StoreRefuses, StoreEmptyRange, ExportTooLarge.
 */
export async function checkStore(
  station: Station,
  job: JobDetail,
  measure: DeviceMeasure | undefined,
): Promise<JobDetail> {
  const { client, output, signal } = station;
  const { id: jobId, sizeBytes } = job;
  const params = { jobId };
  const { store } = await client.call('stationCredentials', { params });
  if (job.type === 'import') {
    const spec = await markStore(client, jobId, store.spec);
    await requireStoreHere(job.type, { spec, prefix: store.prefix }, signal);
    return job;
  }
  await requireStoreHere(job.type, store, signal);
  const { spec, prefix, begin, end, without } = store;
  const list = (deviceBytes: number) => {
    output.note(`listing ${spec.bucket}/${prefix}`);
    const range = { prefix, begin, end, without };
    return sumOfRange(spec, { range, deviceBytes }, new Date(), signal);
  };
  let listed = job;
  // What stood in the way may have been put right since.
  if (!fits(job.rangeSum, sizeBytes))
    listed = await client.call('putRangeSum', { params, body: await list(sizeBytes) });
  const { rangeSum } = listed;
  if (!rangeSum) throw new WaybillError('Internal', { reference: 'the range was not kept' });
  if (rangeSum.objects === 0) throw new WaybillError('StoreEmptyRange', { prefix: prefix || '/' });
  const command = `waybill job split ${jobId}`;
  if (!fits(rangeSum, sizeBytes)) throw tooLarge(rangeSum, sizeBytes, command);
  const roomBytes = measure && !measure.simulated ? roomOf(measure) : sizeBytes;
  if (fits(rangeSum, roomBytes)) return listed;
  throw tooLarge(await list(roomBytes), roomBytes, `${command} --part-size ${roomBytes}`);
}

/** As `requireStoreFor`; a station has nobody else to try the store, so what stands in the way is told as itself. */
async function requireStoreHere(...args: Parameters<typeof requireStoreFor>): Promise<void> {
  try {
    await requireStoreFor(...args);
  } catch (error) {
    throw isWaybillError(error, 'StoreOutOfReach') && error.cause ? error.cause : error;
  }
}

const fits = (sum: RangeSum | null, bytes: number): boolean =>
  sum !== null && sum.objects > 0 && fitsOneDevice(sum, bytes);

/** A volume takes some room besides its objects' bytes. */
const VOLUME_SHARE = 0.01;
const roomOf = ({ freeBytes }: DeviceMeasure): number => Math.floor(freeBytes * (1 - VOLUME_SHARE));

function tooLarge(sum: RangeSum, sizeBytes: number, command: string): WaybillError {
  return new WaybillError('ExportTooLarge', {
    objects: sum.objects,
    bytes: formatBytes(sum.bytes),
    size: formatBytes(sizeBytes),
    parts: partsWords(sum.parts),
    command,
  });
}
