import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import { OPTION_RULES } from '../../lib/domain/options.ts';
import { actFrom, type Station, sightOf } from './station.ts';

/** Takes in a device that arrived. Throws WrongJobDevice, WrongDevice, and what the console refuses. */
export async function receive(
  station: Station,
  jobId: string,
  deviceDir: string,
): Promise<JobDetail> {
  const { client } = station;
  let job = await client.call('getJob', { params: { jobId } });
  const { label } = sightOf(deviceDir);
  if (label && label.jobId !== jobId) {
    throw new WaybillError('WrongJobDevice', { found: label.jobId, expected: jobId });
  }
  if (label && label.deviceId !== job.deviceId) {
    const expected = job.deviceId ?? 'none';
    throw new WaybillError('WrongDevice', { found: label.deviceId, expected });
  }
  if (OPTION_RULES[job.option].deviceShipsFirst)
    job = await actFrom(station, job, 'in-transit-to-facility', 'arrive-at-sorting');
  return client.call('actOnJob', { params: { jobId: job.id }, body: { action: 'receive' } });
}
