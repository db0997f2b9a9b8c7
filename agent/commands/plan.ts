import { WaybillError } from '../../lib/domain/errors.ts';
import { describeSizes, planJobs } from '../../lib/domain/options.ts';
import { formatBytes } from '../../lib/domain/sizes.ts';
import { isWord, OPTIONS } from '../../lib/domain/words.ts';
import type { Context, Finished } from '../host/context.ts';

/** How many jobs of which size carry so much data. */
export async function plan(
  options: { option: string; bytes?: number },
  { output }: Context,
): Promise<Finished> {
  if (!isWord(OPTIONS, options.option)) {
    throw new WaybillError('Usage', { detail: `--option is one of ${OPTIONS.join(', ')}` });
  }
  const { bytes } = options;
  if (!bytes)
    throw new WaybillError('Usage', { detail: '--bytes is a size such as 240TB or 1500000000' });
  const { jobs, sizeBytes } = planJobs(options.option, bytes);
  output.result({
    facts: { option: options.option, bytes, jobs, sizeBytes },
    lines: [
      `${formatBytes(bytes)}: ${jobs} × ${options.option} of ${formatBytes(sizeBytes)} (sizes: ${describeSizes(options.option)})`,
    ],
  });
  return 0;
}
