import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import { OPTION_RULES } from '../../lib/domain/options.ts';
import { proveContents } from './prove-device.ts';
import { reportLie } from './report-lie.ts';
import { actFrom, type Station, sightOf } from './station.ts';

/**
 * Takes in a device that arrived. That of an import has to prove itself first, by the seal that the console knows:
 * its label says only that something with this label arrived. Tamper seals that are given are compared by the console
 * with those at departure. Throws WrongJobDevice, WrongDevice, what
 * `proveContents` throws, and what the console refuses.
 */
export async function receive(
  station: Station,
  jobId: string,
  deviceDir: string,
  { sealNumbers }: { sealNumbers?: string[] | undefined } = {},
): Promise<JobDetail> {
  const { client } = station;
  const job = await client.call('getJob', { params: { jobId } });
  const { label } = sightOf(deviceDir);
  if (label && label.jobId !== jobId) {
    throw new WaybillError('WrongJobDevice', { found: label.jobId, expected: jobId });
  }
  try {
    return await takeIn(station, job, deviceDir, { found: label?.deviceId, sealNumbers });
  } catch (error) {
    await reportLie(client, jobId, error);
    throw error;
  }
}

async function takeIn(
  station: Station,
  job: JobDetail,
  deviceDir: string,
  { found, sealNumbers }: { found: string | undefined; sealNumbers: string[] | undefined },
): Promise<JobDetail> {
  const { client } = station;
  const params = { jobId: job.id };
  if (found !== undefined && found !== job.deviceId) {
    throw new WaybillError('WrongDevice', { found, expected: job.deviceId ?? 'none' });
  }
  if (job.type === 'import') {
    const credentials = await client.call('stationCredentials', { params });
    const { sealDigest } = await proveContents(credentials, deviceDir, { isDamageExpected: true });
    await client.call('deviceProved', { params, body: { sealDigest } });
  }
  if (OPTION_RULES[job.option].deviceShipsFirst)
    await actFrom(station, job, 'in-transit-to-facility', 'arrive-at-sorting');
  const body = { action: 'receive' as const, ...(sealNumbers && { sealNumbers }) };
  return client.call('actOnJob', { params, body });
}
