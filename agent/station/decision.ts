import { INCIDENTS, type IncidentKind } from '../../lib/domain/incidents.ts';
import {
  type Evidence,
  missingFor,
  missingOf,
  waitsForSeals,
} from '../../lib/domain/irreversible.ts';
import { actionCommand } from '../../lib/domain/lifecycle-decision.ts';
import { OPTION_RULES } from '../../lib/domain/options.ts';
import type { JobState, JobType, Option, StationWork } from '../../lib/domain/words.ts';

/** What a station knows of the job of a device that is connected to it. */
export interface JobSight {
  jobId: string;
  option: Option;
  type: JobType;
  state: JobState;
  devicePrepared: boolean;
  sealed: boolean;
  reported: boolean;
  erased: boolean;
  /** This host had erased all of the job's volume when it was cut off: an empty device may be what is left of it. */
  cleared: boolean;
  /** Kinds of the open incidents. */
  incidents: readonly IncidentKind[];
  /** Since when its failed objects are to be tried again. */
  retryRequested: string | null;
  evidence: Evidence;
}

/** What is on the device: nothing, the job's label, something without a label, or a label that cannot be trusted. */
export type DeviceSight = 'blank' | 'labelled' | 'foreign' | 'invalid';

export type WatchWork = StationWork | 'receive';

export type Decision = { work: WatchWork } | { work: 'wait'; why: string };

interface Row {
  state: JobState;
  type?: JobType;
  family?: 'appliance' | 'disk';
  device?: DeviceSight;
  when?: (job: JobSight) => boolean;
  work: WatchWork | 'wait';
  why?: (job: JobSight) => string;
}

const command = (action: Parameters<typeof actionCommand>[0]) => (job: JobSight) =>
  `next: ${actionCommand(action, job.jobId)}`;

/** An empty device proves nothing: it is erased as the job's only where this host emptied it. */
const isCleared = ({ cleared }: JobSight): boolean => cleared;

/** A label proves nothing, so the console is believed; nothing is done with this one. */
const elsewhere = ({ state }: JobSight): string =>
  `the console has the device of the job elsewhere (${state}); take this one away, or tell the console where it is`;

/** Objects did not land, and nobody has said yet what is to become of them. */
const hasLosses = ({ reported, evidence }: JobSight): boolean =>
  reported && missingOf('landed', evidence) !== undefined;
const hasDecided = (job: JobSight): boolean => hasLosses(job) && job.retryRequested !== null;

/** A completed import whose accepted losses are to be tried again after all. */
const isRetried = ({ erased, retryRequested }: JobSight): boolean =>
  !erased && retryRequested !== null;

/** Importing it once more would change nothing: something else is missing before the job can be completed. */
const isHeld = ({ reported, evidence }: JobSight): boolean =>
  reported && missingFor('complete', evidence).length > 0;

function heldFor({ evidence }: JobSight): string {
  const missing = missingOf('landed', evidence) ?? missingFor('complete', evidence)[0];
  return missing ? `${missing.missing}; ${missing.fix}` : '';
}

/** The list that was accepted stands: another attempt would make another one. */
const isAccepted = ({ reported, evidence }: JobSight): boolean => reported && evidence.failed > 0;

/** This installation has tamper seals compared before an import. */
const sealsAsked = ({ jobId, evidence }: JobSight): string =>
  `the tamper seals noted at departure (${evidence.uncomparedSeals.join(', ')}) have to be compared first: waybill job seals ${jobId} --seal NUMBER`;

/** The first row that fits decides; where none fits there is nothing to do but wait. */
// biome-ignore format: one row a line
const ROWS: readonly Row[] = [
  { state: 'created', family: 'appliance', device: 'blank', work: 'prepare' },
  { state: 'created', family: 'disk', work: 'wait', why: () => 'the disk has not been sent by its owner' },
  { state: 'preparing', family: 'appliance', device: 'blank', work: 'prepare' },
  { state: 'preparing', type: 'import', family: 'appliance', device: 'labelled', work: 'prepare' },
  { state: 'preparing', type: 'export', family: 'appliance', device: 'labelled', when: (job) => !job.devicePrepared, work: 'prepare' },
  { state: 'preparing', type: 'export', family: 'appliance', device: 'labelled', work: 'export' },
  { state: 'exporting', type: 'export', family: 'appliance', device: 'labelled', work: 'export' },
  { state: 'ready-to-ship', work: 'wait', why: command('ship-to-site') },
  { state: 'in-transit-to-site', device: 'labelled', work: 'wait', why: elsewhere },
  { state: 'at-site', device: 'labelled', work: 'wait', why: elsewhere },
  { state: 'returning', device: 'labelled', work: 'wait', why: elsewhere },
  { state: 'in-transit-to-facility', device: 'labelled', work: 'receive' },
  { state: 'in-transit-to-facility', family: 'disk', type: 'export', device: 'blank', work: 'receive' },
  { state: 'at-sorting', family: 'appliance', device: 'labelled', work: 'receive' },
  { state: 'at-facility', type: 'import', device: 'labelled', when: ({ evidence }) => waitsForSeals(evidence), work: 'wait', why: sealsAsked },
  { state: 'at-facility', type: 'import', device: 'labelled', work: 'import' },
  { state: 'importing', type: 'import', when: hasDecided, device: 'labelled', work: 'import' },
  { state: 'importing', type: 'import', when: isHeld, work: 'wait', why: heldFor },
  { state: 'importing', type: 'import', family: 'appliance', when: isAccepted, work: 'wait', why: command('complete') },
  { state: 'importing', type: 'import', family: 'disk', when: (job) => job.reported, work: 'wait', why: command('return') },
  { state: 'importing', type: 'import', device: 'labelled', work: 'import' },
  { state: 'at-facility', type: 'export', family: 'appliance', device: 'labelled', work: 'erase' },
  { state: 'at-facility', type: 'export', family: 'appliance', device: 'blank', when: isCleared, work: 'erase' },
  { state: 'erasing', type: 'export', family: 'appliance', device: 'labelled', work: 'erase' },
  { state: 'erasing', type: 'export', family: 'appliance', device: 'blank', when: isCleared, work: 'erase' },
  { state: 'at-facility', type: 'export', family: 'disk', device: 'blank', work: 'export' },
  { state: 'at-facility', type: 'export', family: 'disk', device: 'labelled', work: 'export' },
  { state: 'exporting', type: 'export', family: 'disk', when: (job) => job.sealed && job.reported, work: 'wait', why: command('return') },
  { state: 'exporting', type: 'export', family: 'disk', device: 'labelled', work: 'export' },
  { state: 'completed', type: 'import', family: 'appliance', device: 'labelled', when: isRetried, work: 'import' },
  { state: 'completed', type: 'import', family: 'appliance', device: 'labelled', when: (job) => !job.erased, work: 'erase' },
  { state: 'completed', type: 'import', family: 'appliance', device: 'blank', when: (job) => !job.erased && isCleared(job), work: 'erase' },
  { state: 'completed', when: (job) => !job.erased && job.type === 'import', family: 'appliance', work: 'wait', why: () => 'the device of the job is still to be erased, and this is not proved to be it' },
  { state: 'completed', work: 'wait', why: () => 'done; take it away' },
  { state: 'cancelled', device: 'labelled', work: 'wait', why: () => 'erase it by hand: waybill station erase' },
];

/**
 * What a station does with a device of its dock: a pure function of the job and of what is on the device. A
 * device that an open incident keeps aside (INCIDENTS) is not touched, and none is erased while any is open.
 */
export function decideWork(job: JobSight, device: DeviceSight): Decision {
  const blocking = job.incidents.find((kind) => INCIDENTS[kind].device !== undefined);
  if (blocking) {
    return { work: 'wait', why: `${INCIDENTS[blocking].label}: ${INCIDENTS[blocking].next}` };
  }
  const family = OPTION_RULES[job.option].deviceShipsFirst ? 'appliance' : 'disk';
  const row = ROWS.find(
    (candidate) =>
      candidate.state === job.state &&
      (candidate.type ?? job.type) === job.type &&
      (candidate.family ?? family) === family &&
      (candidate.device ?? device) === device &&
      (candidate.when?.(job) ?? true),
  );
  const kept = row?.work === 'erase' ? notErasedFor(job) : undefined;
  if (kept) return { work: 'wait', why: `not erased: ${kept}` };
  if (row && row.work !== 'wait') return { work: row.work };
  return {
    work: 'wait',
    why: row?.why?.(job) ?? `the job is ${job.state} and ${DEVICE_WORDS[device]}`,
  };
}

/**
 * Why a device is not erased by a station by itself. What an administrator allows is for people: they look at the device and
 * do it by hand.
 */
function notErasedFor({ evidence }: JobSight): string | undefined {
  const [kept] = missingFor('begin-erasing', { ...evidence, eraseUnverified: false });
  if (!kept) return undefined;
  const isAllowed = missingFor('begin-erasing', evidence).length === 0;
  return isAllowed
    ? `${kept.missing}; an administrator allows it all the same, by hand: waybill station erase`
    : `${kept.missing}; ${kept.fix}`;
}

const DEVICE_WORDS: Record<DeviceSight, string> = {
  blank: 'the device is empty',
  labelled: 'the device carries the label of the job',
  foreign: 'the device holds something without a label',
  invalid: 'the label of the device is not valid',
};
