import { WaybillError } from '../../lib/domain/errors.ts';
import { fitsOneDevice, partWords } from '../../lib/domain/range-sum.ts';
import { formatBytes } from '../../lib/domain/sizes.ts';
import { consoleClient } from '../console/client.ts';
import type { ConsoleOptions } from '../console/sign-in.ts';
import type { Context, Finished } from '../host/context.ts';
import { plain } from '../output/table.ts';

/** Has the console list what an export takes, and shows the parts when it does not fit on one device. */
export async function sumRange(
  jobId: string,
  options: ConsoleOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const { rangeSum, sizeBytes } = await client.call('sumRange', { params: { jobId } });
  if (!rangeSum) throw new WaybillError('NotFound', { what: 'range of job', id: jobId });
  const { objects, bytes, parts } = rangeSum;
  const fits = fitsOneDevice(rangeSum, sizeBytes);
  output.result({
    facts: { jobId, sizeBytes, fits, ...rangeSum },
    lines: [
      `the range holds ${objects} objects, ${formatBytes(bytes)}; a device ${formatBytes(sizeBytes)}`,
      ...(fits
        ? []
        : [
            ...parts.map((part, i) => `  part ${i + 1} ${plain(partWords(part))}`),
            `make a job of each: waybill job split ${jobId}`,
          ]),
    ],
  });
  return 0;
}

/** Makes a job of each part of an export that does not fit on one device. */
export async function splitJob(
  jobId: string,
  { partSize, ...options }: ConsoleOptions & { partSize?: number },
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const body = { partBytes: partSize };
  const { jobs } = await client.call('splitJob', { params: { jobId }, body });
  output.result({
    facts: { jobId, jobs },
    lines: jobs.flatMap(({ id, name, parts }) => [
      `${id} ${plain(name)}`,
      ...parts.map((part) => `  ${plain(partWords(part))}`),
    ]),
  });
  return 0;
}
