import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import { partsWords } from '../../lib/domain/range-sum.ts';
import { formatBytes } from '../../lib/domain/sizes.ts';
import { sumOfRange } from '../../lib/stores/export-parts.ts';
import { requireStoreFor } from '../../lib/stores/job-trials.ts';
import type { Station } from './station.ts';

/**
 * Makes sure, before a device is prepared, that its job can end: the store has the bucket and the rights that are
 * needed, and what an export takes is known and fits on the device. Throws BucketNotFound, StoreRightsMissing,
 * StoreOutOfReach, StoreEmptyRange, ExportTooLarge.
 */
export async function checkStore(station: Station, job: JobDetail): Promise<JobDetail> {
  const { client, output } = station;
  const params = { jobId: job.id };
  const { store } = await client.call('stationCredentials', { params });
  await requireStoreFor(job.type, store);
  if (job.type === 'import') return job;
  const { spec, prefix, begin, end, without } = store;
  let listed = job;
  if (!job.rangeSum) {
    output.note(`listing ${spec.bucket}/${prefix}`);
    const range = { prefix, begin, end, without };
    const body = await sumOfRange(spec, { range, deviceBytes: job.sizeBytes }, new Date());
    listed = await client.call('putRangeSum', { params, body });
  }
  requireFitting(listed);
  return listed;
}

function requireFitting({ id: jobId, rangeSum, sizeBytes, prefix }: JobDetail): void {
  if (!rangeSum) throw new WaybillError('Internal', { reference: 'the range was not kept' });
  const { objects, bytes, parts } = rangeSum;
  if (objects === 0) throw new WaybillError('StoreEmptyRange', { prefix: prefix || '/' });
  if (bytes <= sizeBytes) return;
  throw new WaybillError('ExportTooLarge', {
    jobId,
    objects,
    bytes: formatBytes(bytes),
    size: formatBytes(sizeBytes),
    parts: partsWords(parts),
  });
}
