import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import { isLargeEnough } from '../../lib/domain/devices.ts';
import { isWaybillError, WaybillError } from '../../lib/domain/errors.ts';
import { FINAL_STATES } from '../../lib/domain/lifecycle.ts';
import { redact } from '../../lib/keys/secrets.ts';
import { stateDir } from '../context.ts';
import { pause } from '../signals.ts';
import { decideWork, type WatchWork } from './decision.ts';
import { erase, isCleared } from './erase.ts';
import { exportTo } from './export.ts';
import { importFrom } from './import.ts';
import { measureIfMounted } from './measure-device.ts';
import { prepare } from './prepare.ts';
import { receive } from './receive.ts';
import { type Station, sightOf } from './station.ts';

const LOOK_MS = 2000;
/** A device whose work failed is left alone for a while. */
const AGAIN_MS = 30_000;

type DoWork = (station: Station, jobId: string, deviceDir: string) => Promise<unknown>;
const WORKS: Record<WatchWork, DoWork> = {
  prepare,
  receive,
  export: exportTo,
  import: importFrom,
  erase,
};

/** What the watch remembers of a device: what it said last, and when it may try again. */
interface Memory {
  said: string;
  notBeforeMs: number;
}

/**
 * Looks at every device of a dock (each folder of it is one) and does what its job needs, until the signal
 * aborts; with `once` until there is nothing to do. A device that fails does not hold up the others.
 */
export async function watch(
  station: Station,
  dock: string,
  { once }: { once: boolean },
): Promise<void> {
  const memories = new Map<string, Memory>();
  let isDown = false;
  while (!station.signal.aborted) {
    let worked = 0;
    try {
      for (const name of devicesOf(dock)) {
        if (station.signal.aborted) return;
        if (await attend(station, join(dock, name), name, memories)) worked += 1;
      }
      isDown = false;
    } catch (error) {
      if (once || !isWaybillError(error, 'ConsoleUnreachable')) throw error;
      if (!isDown) station.output.note(error.message);
      isDown = true;
    }
    if (once && worked === 0) return;
    if (worked === 0) await pause(LOOK_MS, station.signal);
  }
}

function devicesOf(dock: string): string[] {
  try {
    return readdirSync(dock, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    throw new WaybillError('DeviceNotFound', { path: dock, detail: String(error) });
  }
}

/** Does one piece of work on a device; false when there is nothing to do now. */
async function attend(
  station: Station,
  deviceDir: string,
  name: string,
  memories: Map<string, Memory>,
): Promise<boolean> {
  const memory = memories.get(name) ?? { said: '', notBeforeMs: 0 };
  memories.set(name, memory);
  if (Date.now() < memory.notBeforeMs) return false;
  const say = (text: string) => {
    if (text !== memory.said) station.output.note(`${name}: ${text}`);
    memory.said = text;
  };
  try {
    const { sight, label } = sightOf(deviceDir);
    const job = label
      ? await station.client.call('getJob', { params: { jobId: label.jobId } })
      : await jobOfBlank(station, deviceDir, name);
    if (!job) {
      say('no job needs it now');
      return false;
    }
    const incidents = job.incidents.filter((i) => i.resolvedAt === null).map((i) => i.kind);
    const cleared = isCleared(job, stateDir(job.id, station.state));
    const decision = decideWork({ ...job, jobId: job.id, incidents, cleared }, sight);
    if (decision.work === 'wait') {
      say(decision.why);
      return false;
    }
    say(`${decision.work} for job ${job.id}`);
    await WORKS[decision.work](station, job.id, deviceDir);
    return true;
  } catch (error) {
    if (isWaybillError(error, 'ConsoleUnreachable') || station.signal.aborted) throw error;
    say(isWaybillError(error) ? `${error.message}; ${error.next}` : redact(String(error)));
    memory.notBeforeMs = Date.now() + AGAIN_MS;
    return false;
  }
}

/** The job of an empty device: the one it is assigned to, else the oldest that is being prepared and has none. */
async function jobOfBlank(
  station: Station,
  deviceDir: string,
  deviceId: string,
): Promise<JobDetail | undefined> {
  const { client } = station;
  const device = await client.call('getDevice', { params: { deviceId } }).catch((error) => {
    if (isWaybillError(error, 'NotFound')) return undefined;
    throw error;
  });
  if (device?.jobId) {
    const job = await client.call('getJob', { params: { jobId: device.jobId } });
    return FINAL_STATES.includes(job.state) && job.erased ? undefined : job;
  }
  if (device && !['available', 'erased'].includes(device.state)) return undefined;
  const query = { state: 'preparing', order: 'ascending', limit: 500 } as const;
  const { jobs } = await client.call('listJobs', { query });
  const measure = measureIfMounted(deviceDir, station);
  const fits = (bytes: number) =>
    measure && !measure.simulated
      ? isLargeEnough(measure, bytes)
      : device === undefined || device.capacityBytes >= bytes;
  const waiting = jobs.find((job) => job.deviceId === null && fits(job.sizeBytes));
  return waiting && client.call('getJob', { params: { jobId: waiting.id } });
}
