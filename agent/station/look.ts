import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import { isLargeEnough } from '../../lib/domain/devices.ts';
import { isWaybillError } from '../../lib/domain/errors.ts';
import { FINAL_STATES } from '../../lib/domain/lifecycle.ts';
import type { Label } from '../../lib/volume/label.ts';
import { stateDir } from '../host/context.ts';
import { measureIfMounted } from '../host/measure-device.ts';
import { type Decision, type DeviceSight, decideWork } from './decision.ts';
import { isCleared } from './erase.ts';
import { findDevice } from './prepare.ts';
import type { Station } from './station.ts';

/** What was seen of a device: nothing of it is proved. */
export interface SeenDevice {
  name: string;
  path: string;
  sight: DeviceSight;
  label?: Label | undefined;
}

/** What is to be done with a device now, and for which job. */
export type Task = Decision & { jobId: string };

/** Asks the console for the job of a device and decides. Undefined: no job needs it. `taken` are jobs of other devices. */
export async function taskOf(
  station: Station,
  seen: SeenDevice,
  taken: ReadonlySet<string> = new Set(),
): Promise<Task | undefined> {
  const { label, sight } = seen;
  const job = label
    ? await station.client.call('getJob', { params: { jobId: label.jobId } })
    : await jobOfBlank(station, seen, taken);
  if (!job) return undefined;
  const { id: jobId } = job;
  const incidents = openKinds(job);
  const cleared = isCleared(job, stateDir(jobId, station.state));
  return { jobId, ...decideWork({ ...job, jobId, incidents, cleared }, sight) };
}

export const openKinds = ({ incidents }: JobDetail) =>
  incidents.filter(({ resolvedAt }) => resolvedAt === null).map(({ kind }) => kind);

/** The job of an empty device: the one it is assigned to, else the oldest that is being prepared and has none. */
async function jobOfBlank(
  station: Station,
  { name: deviceId, path }: SeenDevice,
  taken: ReadonlySet<string>,
): Promise<JobDetail | undefined> {
  const { client } = station;
  const device = await findDevice(client, deviceId);
  if (device?.jobId) {
    const job = await client.call('getJob', { params: { jobId: device.jobId } });
    return FINAL_STATES.includes(job.state) && job.erased ? undefined : job;
  }
  if (device && !['available', 'erased'].includes(device.state)) return undefined;
  const query = { state: 'preparing', order: 'ascending', limit: 500 } as const;
  const { jobs } = await client.call('listJobs', { query });
  const measure = measureIfMounted(path, station);
  const fits = (bytes: number) =>
    measure && !measure.simulated
      ? isLargeEnough(measure, bytes)
      : device === undefined || device.capacityBytes >= bytes;
  const waiting = jobs.find(
    (job) => job.deviceId === null && !taken.has(job.id) && fits(job.sizeBytes),
  );
  return waiting && client.call('getJob', { params: { jobId: waiting.id } });
}

/**
 * Opens an incident for the job of each of several devices that carry one id: at most one of them is what it says,
 * and nobody can tell which before a person has looked. Throws what the console answers.
 */
export async function reportDuplicates(
  { client }: Station,
  jobIds: Iterable<string>,
  note: string,
): Promise<void> {
  const kind = 'duplicate-device';
  for (const jobId of new Set(jobIds)) {
    const params = { jobId };
    try {
      const job = await client.call('getJob', { params });
      if (!openKinds(job).includes(kind))
        await client.call('reportIncident', { params, body: { kind, note } });
    } catch (error) {
      // A job that is over, or of another installation, has nothing to lose.
      if (!isWaybillError(error, 'InvalidJobState', 'NotFound')) throw error;
    }
  }
}
