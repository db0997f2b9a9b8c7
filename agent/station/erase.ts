import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import type { StationCredentials } from '../../lib/api/schemas/work-schemas.ts';
import type { ErasedMedium } from '../../lib/domain/erasing.ts';
import { isWaybillError, WaybillError } from '../../lib/domain/errors.ts';
import { requireEvidence } from '../../lib/domain/irreversible.ts';
import { OPTION_RULES } from '../../lib/domain/options.ts';
import { checkDeviceDir, DeviceFiles } from '../../lib/files/device.ts';
import {
  begunProof,
  clearedProof,
  type EraseOptions,
  type EraseResult,
  type ErasureProof,
  eraseDevice,
} from '../../lib/transfer/erase/erase.ts';
import { isSealed } from '../../lib/volume/label.ts';
import { VOLUME_DIR } from '../../lib/volume/layout.ts';
import { openReporter, operationHost, reported } from '../console/reporter.ts';
import { stateDir } from '../host/context.ts';
import { withDevice } from '../host/device.ts';
import { operate } from '../host/operation.ts';
import { blockDeviceAt } from './block-device.ts';
import { requireSameDevice } from './device-identity.ts';
import { checkMedium, describeErasing, eraseMedium, type MediumOptions } from './erase-medium.ts';
import { keepWorkedOn, requireWorkedOn } from './imported-device.ts';
import { proveContents, proveDevice } from './prove-device.ts';
import { reportLie } from './report-lie.ts';
import { actFrom, type Station, sightOf, withLease } from './station.ts';

const DONE = ['completed', 'cancelled'];

/**
 * Erases the facility's device whose job is done with it; an export is then completed. The device proves itself by
 * its seal right before, every time; on demand the medium is discarded or sanitized after its files: what has only the label of the job is not erased, and nothing is told of it.
 * Throws OptionRule for a customer's disk, PreconditionFailed while something is missing, DeviceUnproved, and what
 * `proveDevice` and `eraseDevice` throw.
 */
export async function erase(
  station: Station,
  jobId: string,
  deviceDir: string,
  options: MediumOptions = {},
): Promise<{ job: JobDetail; erased: EraseResult & { medium: ErasedMedium } }> {
  const { client } = station;
  const params = { jobId };
  let job = await client.call('getJob', { params });
  requireOurs(job, deviceDir);
  requireAllowed(job);
  const dir = stateDir(jobId, station.state);
  const prover = await proverOf(station, job, { deviceDir, stateDir: dir });
  const sealDigest = prover.prove()?.sealDigest;
  const onMedium = { ...options, deviceDir, stateDir: dir };
  await checkMedium(onMedium);
  const simulation = simulationOf(station, deviceDir);
  const work = async (leased: Station) => {
    if (job.type === 'export') job = await actFrom(station, job, 'at-facility', 'start-erase');
    const reporter = openReporter(dir, { ...station.console, jobId }, station.output);
    const checks = {
      device: () => checkDeviceDir(deviceDir),
      finished: () => requireFinished(job),
    };
    const host = operationHost(reporter, leased, dir);
    const erased = await reported(reporter, 'erase', () =>
      operate(['erase'], host, checks, (attempt) =>
        eraseLocked(station, prover, { deviceDir, stateDir: dir, ...attempt }),
      ),
    );
    const given = await eraseMedium(onMedium, leased.signal);
    const medium = { ...given, ...(given.way === 'overwrite' ? simulation : REAL) };
    const method = medium.way === 'overwrite' ? erased.method : describeErasing(medium);
    const done = { ...erased, method: prover.isRest ? `${method}; ${REST}` : method, medium };
    const body = {
      ...done,
      ...(sealDigest !== undefined && { sealDigest }),
      ...(prover.isRest && { isRest: true }),
    };
    job = await client.call('deviceErased', { params, body });
    return { job: await actFrom(station, job, 'erasing', 'complete'), erased: done };
  };
  return withLease(station, jobId, 'erase', work, { sealDigest });
}

/** For the certificate of what cannot say that everything was there. */
const REST =
  'counted is only what an erasure before, of which this host knows nothing, had left of the volume';
const REAL = { simulated: false };

/** Whether a medium is erased at all; not told where this host cannot know. */
function simulationOf({ simulated }: Station, deviceDir: string): { simulated?: boolean } {
  if (blockDeviceAt(deviceDir)) return REAL;
  return simulated ? { simulated } : {};
}

type Proof = ErasureProof & Pick<EraseOptions, 'check'>;

/** Proves a device at any moment. */
interface Prover {
  /** Undefined: nothing was ever copied onto it, so there is nothing to prove. */
  prove(): Proof | undefined;
  /** Not all that the seal names is there any more, and this host does not know that it was. */
  isRest: boolean;
}
const NOTHING_TO_PROVE: Prover = { prove: () => undefined, isRest: false };

/** Throws what stands in the way of erasing right now; a device that lies becomes an incident. */
async function proverOf(
  { client }: Station,
  job: JobDetail,
  places: { deviceDir: string; stateDir: string },
): Promise<Prover> {
  if (isUntouched(job)) return NOTHING_TO_PROVE;
  const isWaived = job.evidence.eraseUnverified;
  const params = { jobId: job.id };
  const credentials = await client.call('stationCredentials', { params });
  const prove = () => proveSeal(credentials, places);
  try {
    const isRest = await proveAll(credentials, job, places);
    prove();
    keepWorkedOn(places.stateDir, places.deviceDir);
    return { prove, isRest };
  } catch (error) {
    // An administrator has said that it can never prove itself, and why it is erased all the same.
    if (isWaived && isWaybillError(error)) return NOTHING_TO_PROVE;
    await reportLie(client, job.id, error);
    throw error;
  }
}

/**
 * Proves that the device is the one that was worked on, and that all is there that its seal names. An erasure that was
 * cut off left only a part: returns whether this host knows no more than that. Throws what `proveContents` throws, DeviceSwapped.
 */
async function proveAll(
  credentials: StationCredentials,
  { evidence }: JobDetail,
  { deviceDir, stateDir: dir }: { deviceDir: string; stateDir: string },
): Promise<boolean> {
  const sameness = requireWorkedOn(dir, deviceDir);
  if (isCleared(credentials, dir) && !isSealed(deviceDir)) return false;
  if (sightOf(deviceDir).sight === 'blank') return false;
  const isDamageExpected = evidence.failed > 0 || evidence.restoreConfirmed;
  try {
    await proveContents(credentials, deviceDir, { isDamageExpected });
    return false;
  } catch (error) {
    // The console knows an erasure that this host, or another one, began with this very seal.
    const isBegun = evidence.erasingDigest !== null && isWaybillError(error, 'DeviceUnproved');
    if (!isBegun) throw error;
    const begun = begunProof(dir);
    const isOwn = begun?.sealDigest === evidence.erasingDigest && sameness === 'same';
    return !isOwn;
  }
}

/** A job that ended before anything was copied: its device holds a label, and nothing of anybody. */
const isUntouched = ({ state, seal, copyPhase }: JobDetail): boolean =>
  state === 'cancelled' && seal === null && copyPhase === 'not-started';

function proveSeal(
  credentials: StationCredentials,
  { deviceDir, stateDir: dir }: { deviceDir: string; stateDir: string },
): Proof {
  const { volumeId, jobId } = credentials;
  // Its seal may be gone as well.
  const cleared = isCleared(credentials, dir) ? clearedProof(dir) : undefined;
  if (cleared && !isSealed(deviceDir)) return cleared;
  if (sightOf(deviceDir).sight === 'blank') {
    const detail = 'it is empty, and this host did not empty it';
    throw new WaybillError('DeviceUnproved', { path: deviceDir, jobId, detail });
  }
  const { identity, sealDigest } = proveDevice(credentials, deviceDir);
  return { volumeId, sealDigest, check: () => requireSameDevice(deviceDir, identity) };
}

/** Whether this host has overwritten all of a job's volume before it was cut off. */
export function isCleared(
  { volumeId, seal }: Pick<StationCredentials, 'volumeId' | 'seal'>,
  dir: string,
): boolean {
  const cleared = clearedProof(dir);
  return cleared?.volumeId === volumeId && cleared.sealDigest === seal?.sealDigest;
}

/** Throws what the rule misses, but for the proof that only the device itself can give. */
function requireAllowed(job: JobDetail): void {
  requireEvidence('begin-erasing', job.evidence);
}

function requireFinished({ state }: JobDetail): void {
  if ([...DONE, 'erasing'].includes(state)) return;
  const allowed = 'once the job is done with the device';
  throw new WaybillError('InvalidJobState', { action: 'erase', state, allowed });
}

/** Proves the device once more with its lock held, so that nothing was exchanged between the look and the act. */
async function eraseLocked(
  station: Station,
  prover: Prover,
  options: Omit<EraseOptions, 'proof' | 'check'>,
): Promise<EraseResult> {
  const { deviceDir } = options;
  // Locking makes a folder: a device that is empty already stays so.
  const locking = sightOf(deviceDir).label
    ? <T>(work: () => Promise<T>) => withDevice(deviceDir, station, work)
    : <T>(work: () => Promise<T>) => work();
  return locking(async () => {
    const proved = prover.prove();
    const proof = proved && { volumeId: proved.volumeId, sealDigest: proved.sealDigest };
    return eraseDevice({ ...options, proof, check: proved?.check });
  });
}

function requireOurs(job: JobDetail, deviceDir: string): void {
  if (OPTION_RULES[job.option].owner === 'customer') {
    throw new WaybillError('OptionRule', {
      option: job.option,
      rule: 'a customer’s disk is returned as it is',
      fix: 'erase it where its owner asks for it, by hand',
    });
  }
  const { label, sight } = sightOf(deviceDir);
  if (label && label.jobId !== job.id) {
    throw new WaybillError('WrongJobDevice', { found: label.jobId, expected: job.id });
  }
  // Whatever an administrator allows: what nobody labelled as a device is somebody's folder.
  if (sight === 'foreign' && !new DeviceFiles(deviceDir).entry(VOLUME_DIR)) {
    const detail = 'it carries no label, and no volume';
    throw new WaybillError('DeviceUnproved', { path: deviceDir, jobId: job.id, detail });
  }
}
