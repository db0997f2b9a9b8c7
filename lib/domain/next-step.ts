import { type ConditionName, type Evidence, missingFor, waitsForSeals } from './irreversible.ts';
import type { Action } from './lifecycle.ts';
import { OPTION_RULES } from './options.ts';
import type { JobFacts } from './preconditions.ts';
import type { JobState, JobType, Outcome } from './words.ts';

/** Who has to do something. */
export const DOERS = {
  operator: 'The operator',
  facility: 'The facility',
  store: 'The administrator of the store',
  station: 'The station of the facility, by itself',
  agent: 'The agent at the site, by itself',
  nobody: 'Nobody',
} as const;
export type Doer = keyof typeof DOERS;

/** What has to happen now so that a job goes on. */
export interface NextStep {
  what: string;
  who: Doer;
  why: string;
  /** The action of the lifecycle that it is; else it is work on the device, and `see` says where it is told of. */
  action?: Action;
  see?: 'progress' | 'credentials' | 'shipments' | 'report';
  /** What somebody is asked for first; it holds nothing up unless the action has to wait for it. */
  asks?: Ask;
}

/** What people are asked for beside the actions of the lifecycle: the words of its button, and its command. */
export const ASKS = {
  'compare-seals': {
    label: 'Compare tamper seals',
    command: 'waybill job seals JOB --seal NUMBER',
  },
} as const;
export type Ask = keyof typeof ASKS;

type Facts = Omit<JobFacts, 'jobId' | 'attention' | 'hasDevice' | 'evidence'> & {
  /** Lists do not tell it. */
  evidence?: Evidence | undefined;
  /** How it ended. */
  outcome?: Outcome | null;
};

interface Row extends NextStep {
  in: JobState;
  type?: JobType;
  deviceShipsFirst?: boolean;
  when?: (facts: Facts) => boolean | undefined;
}

const isCopying = ({ copyPhase }: Facts) => copyPhase === 'copying' || copyPhase === 'verifying';

/** A condition of erasing does not hold, as far as it is known. */
const isMissing = ({ evidence }: Facts, name: ConditionName) =>
  evidence !== undefined &&
  missingFor('begin-erasing', evidence).some(({ condition }) => condition === name);

/** Tamper seals were noted at departure, and nobody compared them. */
const hasUncomparedSeals = ({ evidence }: Facts) =>
  evidence !== undefined && evidence.uncomparedSeals.length > 0;

/** The first row that fits is the next step; a row without conditions stands last. */
const ROWS: readonly Row[] = [
  {
    ...{ in: 'created', deviceShipsFirst: true, who: 'facility', action: 'prepare' },
    what: 'Start preparing a device',
    why: 'A device of the facility gets the label of this job before it travels.',
  },
  {
    ...{ in: 'created', type: 'export', who: 'operator', action: 'ship-to-facility' },
    what: 'Send your disk to the facility',
    why: 'The facility fills the disk from the store and sends it back.',
  },
  {
    ...{ in: 'created', when: (f) => f.sealed, who: 'operator', action: 'ship-to-facility' },
    what: 'Send your disk to the facility',
    why: 'The volume on it is sealed: everything is copied and was read back.',
    see: 'shipments',
  },
  {
    ...{ in: 'created', when: isCopying, who: 'agent', see: 'progress' },
    what: 'Wait for the copy',
    why: 'The agent copies onto the disk and seals it at the end.',
  },
  {
    ...{ in: 'created', who: 'operator', see: 'credentials' },
    what: 'Copy the data onto your disk',
    why: 'The agent needs the manifest and the unlock code; no network.',
  },
  {
    ...{ in: 'preparing', when: (f) => !f.devicePrepared, who: 'station' },
    what: 'Connect a device to the station',
    why: 'The station writes the label of this job on the next free device that it sees.',
  },
  {
    ...{ in: 'preparing', type: 'export', who: 'station', action: 'start-export' },
    what: 'Fill the device from the store',
    why: 'The device carries the label of this job; a station begins by itself.',
  },
  {
    ...{ in: 'preparing', who: 'facility', action: 'mark-ready' },
    what: 'Mark the device ready to ship',
    why: 'The device carries the label of this job; a station does this by itself.',
  },
  {
    ...{ in: 'exporting', when: (f) => !f.sealed, who: 'station', see: 'progress' },
    what: 'Wait for the export',
    why: 'The station fills the device from the store and seals it at the end.',
  },
  {
    ...{ in: 'exporting', deviceShipsFirst: true, who: 'facility', action: 'mark-ready' },
    what: 'Mark the device ready to ship',
    why: 'The device is filled and sealed.',
  },
  {
    ...{ in: 'exporting', who: 'facility', action: 'return', see: 'shipments' },
    what: 'Send the disk back to the site',
    why: 'The disk is filled and sealed.',
  },
  {
    ...{ in: 'ready-to-ship', who: 'facility', action: 'ship-to-site', see: 'shipments' },
    what: 'Hand the device to the carrier',
    why: 'Print its label, put numbered tamper seals on the case, and note their numbers.',
  },
  {
    ...{ in: 'in-transit-to-site', who: 'operator', action: 'deliver', see: 'shipments' },
    what: 'Mark the device delivered when it arrives',
    why: 'Compare the numbers of its tamper seals first. Manifest and unlock code can be had from then on.',
  },
  {
    ...{ in: 'at-site', type: 'import', who: 'operator' },
    when: (f) => hasUncomparedSeals(f) && f.copyPhase === 'not-started' && !f.sealed,
    ...{ action: 'ship-to-facility', see: 'credentials', asks: 'compare-seals' },
    what: 'Enter the tamper seal numbers found on arrival, then copy the data',
    why: 'Numbers were noted at departure and nobody compared them yet; a difference has to be seen before data goes onto the device.',
  },
  {
    ...{ in: 'at-site', type: 'export', deviceShipsFirst: true, when: hasUncomparedSeals },
    ...{ who: 'operator', action: 'ship-to-facility', see: 'credentials', asks: 'compare-seals' },
    what: 'Enter the tamper seal numbers found on arrival, then restore the data',
    why: 'Numbers were noted at departure and nobody compared them yet.',
  },
  {
    ...{ in: 'at-site', type: 'export', when: hasUncomparedSeals, deviceShipsFirst: false },
    ...{ who: 'operator', action: 'complete', see: 'credentials', asks: 'compare-seals' },
    what: 'Enter the tamper seal numbers found on arrival, then restore the data',
    why: 'Numbers were noted at departure and nobody compared them yet.',
  },
  {
    ...{ in: 'at-site', type: 'export', deviceShipsFirst: true, who: 'operator' },
    ...{ action: 'ship-to-facility', see: 'credentials' },
    what: 'Restore the data, then send the device back',
    why: 'The agent restores with manifest and unlock code. The facility erases the device when it is back.',
  },
  {
    ...{ in: 'at-site', type: 'export', who: 'operator', action: 'complete', see: 'credentials' },
    what: 'Restore the data, then complete the job',
    why: 'The agent restores with manifest and unlock code, which end with the job.',
  },
  {
    ...{ in: 'at-site', when: (f) => f.sealed, who: 'operator', action: 'ship-to-facility' },
    what: 'Hand the device to the carrier',
    why: 'The volume is sealed: everything is copied and was read back. The return label is released.',
    see: 'shipments',
  },
  {
    ...{ in: 'at-site', when: isCopying, who: 'agent', see: 'progress' },
    ...{ action: 'ship-to-facility' },
    what: 'Wait for the copy',
    why: 'The agent copies onto the device and seals it at the end; then it can leave.',
  },
  {
    ...{ in: 'at-site', who: 'operator', action: 'ship-to-facility', see: 'credentials' },
    what: 'Copy the data onto the device',
    why: 'Take manifest and unlock code to the site by different ways and run the agent there; it needs no network.',
  },
  {
    ...{ in: 'in-transit-to-facility', deviceShipsFirst: true, who: 'facility' },
    ...{ action: 'arrive-at-sorting', see: 'shipments' },
    what: 'Mark the device arrived at sorting',
    why: 'Whoever takes it from the carrier compares its device id with the label.',
  },
  {
    ...{ in: 'in-transit-to-facility', who: 'facility', action: 'receive', see: 'shipments' },
    what: 'Receive the disk',
    why: 'Compare the numbers of its tamper seals. A station that sees the disk receives it by itself.',
  },
  {
    ...{ in: 'at-sorting', who: 'facility', action: 'receive', see: 'shipments' },
    what: 'Receive the device at the facility',
    why: 'Compare the numbers of its tamper seals. A station that sees the device receives it by itself.',
  },
  {
    ...{ in: 'at-facility', type: 'import', when: (f) => f.evidence && waitsForSeals(f.evidence) },
    ...{ who: 'facility', action: 'start-import', see: 'shipments', asks: 'compare-seals' },
    what: 'Enter the tamper seal numbers found on arrival',
    why: 'Numbers were noted at departure, and this installation has them compared before an import begins: the station waits for it.',
  },
  {
    ...{ in: 'at-facility', type: 'import', when: hasUncomparedSeals, who: 'facility' },
    ...{ action: 'start-import', see: 'shipments', asks: 'compare-seals' },
    what: 'Enter the tamper seal numbers found on arrival',
    why: 'Numbers were noted at departure and nobody compared them yet. A station that has the device imports it all the same.',
  },
  {
    ...{ in: 'at-facility', type: 'import', who: 'station', action: 'start-import' },
    what: 'Import the volume into the store',
    why: 'A station begins by itself as soon as the device is connected to it.',
  },
  {
    ...{ in: 'at-facility', deviceShipsFirst: true, who: 'operator' },
    when: (f) => isMissing(f, 'restored'),
    what: 'Confirm that the data was restored',
    why: 'The site did not report its restore as done. The device is erased once that is known or confirmed.',
  },
  {
    ...{ in: 'at-facility', deviceShipsFirst: true, who: 'station', action: 'start-erase' },
    what: 'Erase the device',
    why: 'A station begins by itself as soon as the device is connected to it.',
  },
  {
    ...{ in: 'at-facility', who: 'station', action: 'start-export' },
    what: 'Fill the disk from the store',
    why: 'A station begins by itself as soon as the disk is connected to it.',
  },
  {
    ...{ in: 'importing', when: (f) => !f.reported, who: 'station', see: 'progress' },
    what: 'Wait for the import',
    why: 'The station proves every object by its checksum and hands in the completion report.',
  },
  {
    ...{ in: 'importing', when: (f) => isMissing(f, 'landed') },
    ...{ who: 'operator', see: 'report' },
    what: 'Decide about the objects that did not land',
    why: 'Have them tried again, or accept their loss by the name of the failure log. The device is kept until then.',
  },
  {
    ...{ in: 'importing', deviceShipsFirst: true, who: 'facility', action: 'complete' },
    what: 'Complete the job',
    why: 'The completion report is there; a station does this by itself.',
    see: 'report',
  },
  {
    ...{ in: 'importing', who: 'facility', action: 'return', see: 'report' },
    what: 'Send the disk back to its owner',
    why: 'The completion report is there.',
  },
  {
    ...{ in: 'erasing', when: (f) => !f.erased, who: 'station', see: 'progress' },
    what: 'Wait until the device is erased',
    why: 'The job ends when nothing of it is left on the device.',
  },
  {
    ...{ in: 'erasing', who: 'facility', action: 'complete' },
    what: 'Complete the job',
    why: 'The device is erased; a station does this by itself.',
  },
  {
    ...{ in: 'returning', type: 'import', who: 'operator', action: 'complete', see: 'shipments' },
    what: 'Complete the job when the disk is back',
    why: 'Compare the numbers of its tamper seals first.',
  },
  {
    ...{ in: 'returning', who: 'operator', action: 'deliver', see: 'shipments' },
    what: 'Mark the disk delivered when it is back',
    why: 'Compare the numbers of its tamper seals first.',
  },
  {
    ...{ in: 'completed', when: (f) => f.outcome === 'with-errors', who: 'operator' },
    what: 'Completed with errors: see what failed',
    why: 'The failure log names each object and the reason. Clone the job to send them again.',
    see: 'report',
  },
  {
    ...{ in: 'completed', when: (f) => f.outcome === 'with-warnings', who: 'operator' },
    what: 'Completed with warnings: see what was left out',
    why: 'The failure log names what was left out by rule, and why.',
    see: 'report',
  },
  {
    ...{ in: 'completed', who: 'nobody', see: 'report' },
    what: 'The job is completed',
    why: 'Nothing has to be done. The completion report and the custody log stay here.',
  },
  {
    ...{ in: 'cancelled', who: 'nobody' },
    what: 'The job was cancelled',
    why: 'Clone it to start again from the same settings.',
  },
];

/** What has to happen now so that the job goes on, and who does it. Undefined for a state that jobs of its option do not have. */
export function nextStepOf(facts: Facts): NextStep | undefined {
  const { deviceShipsFirst } = OPTION_RULES[facts.option];
  const row = ROWS.find(
    (one) =>
      one.in === facts.state &&
      (one.type ?? facts.type) === facts.type &&
      (one.deviceShipsFirst ?? deviceShipsFirst) === deviceShipsFirst &&
      (one.when === undefined || one.when(facts) === true),
  );
  if (!row) return undefined;
  const { what, who, why, action, see, asks } = row;
  return { what, who, why, ...(action && { action }), ...(see && { see }), ...(asks && { asks }) };
}
