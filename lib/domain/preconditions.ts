import { type Evidence, missingOf, waitsForSeals } from './irreversible.ts';
import type { CopyPhase, JobState, JobType, Option } from './words.ts';

/** What the rules look at. One value a job, computed from its rows; nothing else decides a transition. */
export interface JobFacts {
  jobId: string;
  option: Option;
  type: JobType;
  state: JobState;
  copyPhase: CopyPhase;
  /** A device is assigned. */
  hasDevice: boolean;
  /** The station wrote the job's label on the device. */
  devicePrepared: boolean;
  /** A valid seal receipt has been received. */
  sealed: boolean;
  /** The completion report of the unload at the facility is complete. */
  reported: boolean;
  /** The device has been erased after its last use. */
  erased: boolean;
  /** An incident is open. */
  attention: boolean;
  /** What acts that cannot be undone may rest on. */
  evidence: Evidence;
  /** Of an export that has been listed: its range fits on a device of the job's size. */
  rangeFits?: boolean;
}

/** Facts as a list has them: without evidence, only the server can tell whether it suffices. */
export type KnownFacts = Omit<JobFacts, 'evidence'> & { evidence?: Evidence | undefined };

/** Named conditions of transitions: what is missing, and what to do about it, in words. */
export const PRECONDITIONS = {
  device: {
    holds: (f: KnownFacts) => f.hasDevice,
    missing: 'no device is assigned',
    fix: 'assign one: waybill station prepare',
  },
  prepared: {
    holds: (f: KnownFacts) => f.devicePrepared,
    missing: 'the device carries no label of this job',
    fix: 'run waybill station prepare',
  },
  sealed: {
    holds: (f: KnownFacts) => f.sealed,
    missing: 'the volume is not sealed',
    fix: 'finish the copy with waybill seal; from an offline site upload receipt.cms',
  },
  reported: {
    holds: (f: KnownFacts) => f.reported,
    missing: 'the completion report is not there',
    fix: 'run waybill station import to its end',
  },
  erased: {
    holds: (f: KnownFacts) => f.erased,
    missing: 'the device is not erased',
    fix: 'run waybill station erase',
  },
  'seals-compared': {
    holds: ({ evidence }: KnownFacts) => !evidence || !waitsForSeals(evidence),
    missing:
      'the tamper seals noted at departure were not compared, which this installation asks for',
    fix: 'look at the case and compare them: waybill job seals',
  },
  'not-set-aside': {
    holds: ({ evidence }: KnownFacts) => !evidence || !missingOf('not-set-aside', evidence),
    missing: 'an open incident keeps the device aside',
    fix: 'see to it and resolve it: waybill job resolve',
  },
  fits: {
    holds: (f: KnownFacts) => f.rangeFits !== false,
    missing: 'its range holds more than one device',
    fix: 'make a job of each part: waybill job split',
  },
  attention: {
    holds: (f: KnownFacts) => f.attention,
    missing: 'no incident is open',
    fix: 'report what happened: waybill job incident',
  },
} as const satisfies Record<
  string,
  { holds: (facts: KnownFacts) => boolean; missing: string; fix: string }
>;
export type Precondition = keyof typeof PRECONDITIONS;
