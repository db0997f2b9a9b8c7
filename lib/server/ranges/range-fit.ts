import { WaybillError } from '../../domain/errors.ts';
import { partsWords, type RangeSum } from '../../domain/range-sum.ts';
import { formatBytes } from '../../domain/sizes.ts';
import type { Job } from '../jobs/job.ts';

/** An export is prepared only when it is known what it takes, and that fits. Throws PreconditionFailed, ExportTooLarge. */
export function requireFitting(job: Job): void {
  if (job.type !== 'export') return;
  const { rangeSum, id, sizeBytes } = job;
  if (!rangeSum) {
    throw new WaybillError('PreconditionFailed', {
      action: 'prepare',
      missing: 'its range has not been listed',
      fix: `list it: waybill job sum ${id}, or waybill station prepare with a newer agent`,
    });
  }
  if (rangeSum.bytes > sizeBytes) throw tooLarge({ id, sizeBytes }, rangeSum);
}

function tooLarge({ id, sizeBytes }: { id: string; sizeBytes: number }, sum: RangeSum) {
  return new WaybillError('ExportTooLarge', {
    command: `waybill job split ${id}`,
    objects: sum.objects,
    bytes: formatBytes(sum.bytes),
    size: formatBytes(sizeBytes),
    parts: partsWords(sum.parts),
  });
}
