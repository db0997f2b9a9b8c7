import { FINAL_STATES } from './lifecycle.ts';
import { formatSize } from './sizes.ts';
import type { DeviceOwner, DeviceState, JobState } from './words.ts';

/** States that people give a device; the others follow from its job. */
export const CHOSEN_DEVICE_STATES = ['available', 'quarantined', 'lost', 'retired'] as const;
export type ChosenDeviceState = (typeof CHOSEN_DEVICE_STATES)[number];

interface DeviceActionRow {
  from: readonly DeviceState[];
  to: ChosenDeviceState;
  label: string;
  /** What follows from it. */
  consequence: string;
}

/** What people do with a device of the provider that no job needs. */
export const DEVICE_ACTIONS = {
  'set-aside': {
    from: ['available', 'erased', 'at-facility'],
    to: 'quarantined',
    label: 'Set aside',
    consequence: 'No job is given it until it is put back in service.',
  },
  'put-back': {
    from: ['quarantined', 'retired'],
    to: 'available',
    label: 'Put back in service',
    consequence:
      'Jobs can be given it again, and a station writes over what is on it. See first that it works.',
  },
  'report-lost': {
    from: ['available', 'erased', 'at-facility', 'quarantined'],
    to: 'lost',
    label: 'Report lost',
    consequence:
      'No job is given it. What is on it is encrypted, and the keys are here; report it found if it turns up.',
  },
  'report-found': {
    from: ['lost'],
    to: 'quarantined',
    label: 'Report found again',
    consequence:
      'It is set aside, since nobody knows where it has been: look at its case and its tamper seals, then put it back in service or retire it.',
  },
  retire: {
    from: ['available', 'erased', 'at-facility', 'quarantined', 'lost'],
    to: 'retired',
    label: 'Retire',
    consequence:
      'It stays in the list with its history, and no job is given it again. Erase or destroy its medium before it leaves the house.',
  },
} as const satisfies Record<string, DeviceActionRow>;
export type DeviceAction = keyof typeof DEVICE_ACTIONS;
export const DEVICE_ACTION_NAMES = Object.keys(DEVICE_ACTIONS) as [DeviceAction, ...DeviceAction[]];

/** What a station measured of a device when it prepared it. Sizes bytes. */
export interface DeviceMeasure {
  /** A folder of the station's host that stands in for a device, for trials: it has no size of its own. */
  simulated: boolean;
  /** Of the medium; of a simulated device, of the file system that it is a folder of. */
  sizeBytes: number;
  freeBytes: number;
  /** Type and source of the file system as the host names them; empty where it does not. */
  fileSystem: string;
  source: string;
}

/** Partition tables and file systems take some of a medium, and its sold size is rounded. */
const SIZE_TOLERANCE = 0.05;

/** Whether a device that was measured is as large as a job wants it. A simulated one counts as what it is said to be. */
export const isLargeEnough = (
  { simulated, sizeBytes }: Pick<DeviceMeasure, 'simulated' | 'sizeBytes'>,
  jobBytes: number,
): boolean => simulated || sizeBytes >= jobBytes * (1 - SIZE_TOLERANCE);

/** What a measure says, for people. */
export function measureWords({
  simulated,
  sizeBytes,
  freeBytes,
  fileSystem,
}: DeviceMeasure): string {
  const free = `${formatSize(freeBytes)} free`;
  if (simulated) return `simulated: a folder of the station’s host, ${free}`;
  return `${formatSize(sizeBytes)}, ${free}${fileSystem ? `, ${fileSystem}` : ''}`;
}

/** What decides about a device. */
export interface DeviceFacts {
  owner: DeviceOwner;
  state: DeviceState;
  /** State of the job that has it. */
  jobState: JobState | null;
}

/** A job that is not finished decides where its device goes. */
export const isNeeded = ({ jobState }: Pick<DeviceFacts, 'jobState'>): boolean =>
  jobState !== null && !FINAL_STATES.includes(jobState);

/** What people may do with a device now. A customer's disk goes with its job and is nobody else's to manage. */
export function deviceActions(device: DeviceFacts): DeviceAction[] {
  if (device.owner === 'customer' || isNeeded(device)) return [];
  return DEVICE_ACTION_NAMES.filter((name) =>
    (DEVICE_ACTIONS[name].from as readonly DeviceState[]).includes(device.state),
  );
}

// biome-ignore format: one line
export const DEVICE_PLACES = ['facility', 'site', 'to-site', 'to-facility', 'customer', 'unknown'] as const;
/** Where a device is. `to-site` and `to-facility`: on its way there. */
export type DevicePlace = (typeof DEVICE_PLACES)[number];

const PLACE_AT: Record<JobState, { provider: DevicePlace; customer: DevicePlace }> = {
  created: { provider: 'facility', customer: 'customer' },
  preparing: { provider: 'facility', customer: 'facility' },
  exporting: { provider: 'facility', customer: 'facility' },
  'ready-to-ship': { provider: 'facility', customer: 'facility' },
  'in-transit-to-site': { provider: 'to-site', customer: 'to-site' },
  'at-site': { provider: 'site', customer: 'site' },
  'in-transit-to-facility': { provider: 'to-facility', customer: 'to-facility' },
  'at-sorting': { provider: 'to-facility', customer: 'to-facility' },
  'at-facility': { provider: 'facility', customer: 'facility' },
  importing: { provider: 'facility', customer: 'facility' },
  erasing: { provider: 'facility', customer: 'facility' },
  returning: { provider: 'to-site', customer: 'to-site' },
  completed: { provider: 'facility', customer: 'customer' },
  cancelled: { provider: 'facility', customer: 'customer' },
};

/** Where a device is, from what is known of it and its job. */
export function placeOf({ owner, state, jobState }: DeviceFacts): DevicePlace {
  if (state === 'lost' || (state === 'retired' && owner === 'provider')) return 'unknown';
  return jobState === null
    ? owner === 'customer'
      ? 'customer'
      : 'facility'
    : PLACE_AT[jobState][owner];
}

/** Where the device is, and in which of its own states, while its job is in a state. */
export const DEVICE_STATE_AT: Partial<Record<JobState, DeviceState>> = {
  'ready-to-ship': 'reserved',
  'in-transit-to-site': 'in-transit',
  'at-site': 'at-site',
  'in-transit-to-facility': 'in-transit',
  'at-sorting': 'in-transit',
  'at-facility': 'at-facility',
  exporting: 'at-facility',
  importing: 'at-facility',
  erasing: 'erasing',
  returning: 'in-transit',
};
