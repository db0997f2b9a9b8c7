import { WaybillError } from './errors.ts';
import { planCommand } from './options.ts';
import { formatBytes } from './sizes.ts';
import type { Option } from './words.ts';

/** The moments at which the device size of a job is enforced. The declared size is checked by `checkJobRequest`. */
export const LIMIT_MOMENTS = {
  scan: 'the source',
  writing: 'the volume being written',
  sealed: 'the sealed volume',
} as const;
export type LimitMoment = keyof typeof LIMIT_MOMENTS;

/** Refuses data over the size of the job's device. Bytes of object data. Throws SizeOverLimit. */
export function checkLimit(
  moment: LimitMoment,
  option: Option,
  sizeBytes: number,
  bytes: number,
): void {
  if (bytes <= sizeBytes) return;
  throw new WaybillError('SizeOverLimit', {
    moment: LIMIT_MOMENTS[moment],
    actual: formatBytes(bytes),
    limit: formatBytes(sizeBytes),
    option,
    plan: planCommand(option, bytes),
  });
}
