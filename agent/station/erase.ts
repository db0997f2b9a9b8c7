import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import { OPTION_RULES } from '../../lib/domain/options.ts';
import { checkDeviceDir } from '../../lib/files/device.ts';
import { type EraseResult, eraseDevice } from '../../lib/transfer/erase.ts';
import { stateDir } from '../context.ts';
import { withDevice } from '../device.ts';
import { operate } from '../operation.ts';
import { openReporter, operationHost, reported } from '../reporter.ts';
import { actFrom, type Station, sightOf, withLease } from './station.ts';

const DONE = ['completed', 'cancelled'];

/**
 * Erases the facility's device whose job is done with it; an export is then completed. Throws OptionRule for
 * a customer's disk, InvalidJobState while the job still needs it, and what `eraseDevice` throws.
 */
export async function erase(
  station: Station,
  jobId: string,
  deviceDir: string,
): Promise<{ job: JobDetail; erased: EraseResult }> {
  const { client, output, console } = station;
  const params = { jobId };
  return withLease(station, jobId, 'erase', async ({ signal }) => {
    let job = await client.call('getJob', { params });
    requireOurs(job, deviceDir);
    if (job.type === 'export') job = await actFrom(station, job, 'at-facility', 'start-erase');
    const dir = stateDir(jobId, station.state);
    const reporter = openReporter(dir, { ...console, jobId }, output);
    const checks = {
      device: () => checkDeviceDir(deviceDir),
      finished: () => requireFinished(job),
    };
    const host = operationHost(reporter, { output, signal }, dir);
    const erased = await reported(reporter, 'erase', () =>
      operate(['erase'], host, checks, (attempt) =>
        eraseLocked({ ...{ deviceDir, stateDir: dir }, ...attempt }),
      ),
    );
    job = await client.call('deviceErased', { params, body: { ...erased } });
    return { job: await actFrom(station, job, 'erasing', 'complete'), erased };
  });
}

function requireFinished({ state }: JobDetail): void {
  if ([...DONE, 'erasing'].includes(state)) return;
  const allowed = 'once the job is done with the device';
  throw new WaybillError('InvalidJobState', { action: 'erase', state, allowed });
}

/** Erasing takes the lock file away too, so the lock is only proved to be free. */
async function eraseLocked(options: Parameters<typeof eraseDevice>[0]): Promise<EraseResult> {
  const { deviceDir } = options;
  if (sightOf(deviceDir).label) await withDevice(deviceDir, {}, async () => undefined);
  return eraseDevice(options);
}

function requireOurs(job: JobDetail, deviceDir: string): void {
  if (OPTION_RULES[job.option].owner === 'customer') {
    throw new WaybillError('OptionRule', {
      ...{ option: job.option, rule: 'a customer’s disk is returned as it is' },
      fix: 'erase it where its owner asks for it, by hand',
    });
  }
  const { label } = sightOf(deviceDir);
  if (label && label.jobId !== job.id) {
    throw new WaybillError('WrongJobDevice', { found: label.jobId, expected: job.id });
  }
}
