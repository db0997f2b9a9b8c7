import { WaybillError } from './errors.ts';
import { INCIDENTS, type IncidentKind } from './incidents.ts';
import type { DeviceOwner, JobState, JobType, OperationState } from './words.ts';

/**
 * The rule of what cannot be undone: what has to be proved before a device is erased or returned, a job completed, a key
 * destroyed or credentials released. One table; station, console, API, AWS API and command line all read it.
 */

/** What is known of a job and its device that such an act may rest on. One value a job, computed from its rows. */
export interface Evidence {
  type: JobType;
  state: JobState;
  owner: DeviceOwner;
  /** A copy onto the device was begun: something may lie on it. */
  begun: boolean;
  /** Kinds of the open incidents. */
  incidents: IncidentKind[];
  /** SHA-256 of the seal as its receipt says, hex; null while there is no receipt. */
  sealDigest: string | null;
  /** Objects that the seal names. */
  objects: number;
  /** The whole completion report is there. */
  reported: boolean;
  /** SHA-256 of the seal that the reported import or export verified, hex. */
  reportedDigest: string | null;
  /** Objects of the seal that are not confirmed at the destination. What the load left out at the source is not among them. */
  failed: number;
  /** SHA-256 of the failure log of the report, hex. */
  failureList: string | null;
  /** SHA-256 of the failure log whose losses a person accepted, hex. */
  acceptedList: string | null;
  /** When the grace time after accepted losses ends, ISO 8601, and whether it has, by the console's clock. */
  graceEnds: string | null;
  graceOver: boolean;
  /** The last that the site told of its restore. */
  restore: Exclude<OperationState, 'planned'> | null;
  /** A person confirmed that an export's device may go although its restore was not reported as done. */
  restoreConfirmed: boolean;
  /** Its failed objects are to be tried again. */
  retryRequested: boolean;
  /** Tamper seals that the device left with and that nobody compared where it is now. */
  uncomparedSeals: string[];
  /** The installation wants them compared before an import begins. */
  sealsRequired: boolean;
  /** An administrator allows to erase a device that cannot be verified. */
  eraseUnverified: boolean;
  /** SHA-256 of the seal that was verified when erasing began, hex: an erasure that was cut off goes on. */
  erasingDigest: string | null;
  erased: boolean;
  /** The device became one archive as it was: the job's key opens it. */
  wholeArchive: boolean;
}

/** What whoever acts has just seen of the device, beside what is known. */
export interface Sighting {
  /** SHA-256 of the seal that was verified on the device just now, hex. */
  sealDigest?: string | null | undefined;
}

interface Condition {
  holds: (evidence: Evidence, seen: Sighting) => boolean;
  missing: (evidence: Evidence) => string;
  fix: string | ((evidence: Evidence) => string);
  /** An administrator's permission to erase a device that cannot be verified stands for it. */
  mayBeWaived?: boolean;
}

/** Where a job no longer needs what is on its device. */
const DONE_WITH_DEVICE: Record<JobType, readonly JobState[]> = {
  import: ['completed', 'cancelled'],
  export: ['at-facility', 'erasing', 'completed', 'cancelled'],
};

/** A job that ended before anything was copied: its device holds a label, and nothing of anybody. */
const isUntouched = ({ state, begun, sealDigest }: Evidence) =>
  state === 'cancelled' && !begun && sealDigest === null;

const isAccepted = ({ failureList, acceptedList }: Evidence) =>
  acceptedList !== null && acceptedList === failureList;

/** What to do about an incident that a word of somebody resolves. */
export const RESOLVE_INCIDENT = 'see to it and resolve it: waybill job resolve; or close the job';

const isLanded = (e: Evidence): boolean => e.type === 'export' || e.failed === 0 || isAccepted(e);

function landedFix({ state, reported }: Evidence): string {
  if (state !== 'completed')
    return 'try them again: waybill job retry-failed; or accept their loss: waybill job accept-losses';
  return reported
    ? 'the job was closed: accept their loss: waybill job accept-losses; or an administrator allows to erase the device: waybill job allow-erase'
    : 'the job was closed without a report: import what is there: waybill station import; or an administrator allows to erase the device: waybill job allow-erase';
}

const incidentLabels = (kinds: readonly IncidentKind[]) =>
  kinds.map((kind) => INCIDENTS[kind].label).join(', ');

/** Incidents that keep the device aside. */
const keptAside = (kinds: readonly IncidentKind[]) =>
  kinds.filter((kind) => INCIDENTS[kind].device !== undefined);

/** Named conditions: what is missing, and what to do about it, in words. */
export const CONDITIONS = {
  'own-device': {
    holds: ({ owner }) => owner === 'provider',
    missing: () => 'it is the customer’s own disk, which is never erased',
    fix: 'return it to its owner',
  },
  'done-with-device': {
    holds: ({ type, state }) => DONE_WITH_DEVICE[type].includes(state),
    missing: ({ state }) => `the job is ${state} and needs what is on the device`,
    fix: 'wait until the job is completed; an export’s device is erased once it is back',
  },
  'no-incident': {
    holds: ({ incidents }) => incidents.length === 0,
    missing: ({ incidents }) => `an incident is open: ${incidentLabels(incidents)}`,
    // An incident of what did not land is not resolved by a word.
    fix: (e) =>
      e.incidents.includes('objects-failed') && !isLanded(e) ? landedFix(e) : RESOLVE_INCIDENT,
  },
  'not-set-aside': {
    holds: ({ incidents }) => keptAside(incidents).length === 0,
    missing: ({ incidents }) => `the device is set aside: ${incidentLabels(keptAside(incidents))}`,
    fix: 'see to it and resolve it: waybill job resolve',
  },
  'seal-known': {
    holds: (e) => e.sealDigest !== null || isUntouched(e),
    missing: () => 'the console knows no seal of the volume',
    fix: 'hand in the receipt: waybill sync, or upload receipt.cms; a device without one is erased by an administrator: waybill job allow-erase',
    mayBeWaived: true,
  },
  'seal-verified': {
    holds: (e, seen) =>
      isUntouched(e) ||
      (e.sealDigest !== null && (seen.sealDigest ?? e.erasingDigest) === e.sealDigest),
    missing: () => 'the seal on the device was not verified to be the one that the console knows',
    fix: 'connect the device to a station: waybill station erase verifies it first; one that cannot be verified is erased by an administrator: waybill job allow-erase',
    mayBeWaived: true,
  },
  reported: {
    holds: (e) => e.type === 'export' || e.reported || isUntouched(e),
    missing: () => 'the completion report is not there',
    fix: 'run waybill station import to its end',
    mayBeWaived: true,
  },
  'seal-reported': {
    holds: (e) => e.type === 'export' || e.reportedDigest === e.sealDigest,
    missing: () => 'the report is of another seal than the one that the console knows',
    fix: 'find the device whose seal is the newest, and import that: waybill station import',
    mayBeWaived: true,
  },
  landed: {
    holds: isLanded,
    missing: ({ failed, objects }) => `${failed} of ${objects} objects are not in the store`,
    fix: landedFix,
    mayBeWaived: true,
  },
  grace: {
    // Nobody’s permission stands for it: until then the decision can be taken back. Losses that nobody accepted are told as such.
    holds: (e) => e.type === 'export' || e.failed === 0 || !isAccepted(e) || e.graceOver,
    missing: ({ graceEnds }) =>
      `the grace time after the accepted losses ends ${graceEnds?.slice(0, 16).replace('T', ' ')} UTC`,
    fix: 'wait for it, or have them tried again: waybill job retry-failed; an administrator sets how long it is, in the settings',
  },
  'no-retry': {
    holds: ({ retryRequested }) => !retryRequested,
    missing: () => 'its failed objects are to be tried again',
    fix: 'connect the device to a station, which does it; or run waybill station import --only-failed',
    mayBeWaived: true,
  },
  restored: {
    holds: (e) =>
      e.type === 'import' || e.restore === 'done' || e.restoreConfirmed || isUntouched(e),
    missing: ({ restore }) =>
      restore === null
        ? 'the site did not report that it restored the data'
        : `the site reported its restore as ${restore}, not as done`,
    fix: 'ask the site, then confirm it: waybill job confirm-restored',
    mayBeWaived: true,
  },
  'device-gone': {
    holds: ({ owner, erased, state }) =>
      erased || (owner === 'customer' && (state === 'completed' || state === 'cancelled')),
    missing: () => 'the device is not erased',
    fix: 'run waybill station erase',
  },
  'key-unneeded': {
    holds: ({ wholeArchive }) => !wholeArchive,
    missing: () => 'an archive of the whole device is encrypted with this key',
    fix: 'keep the key for as long as the archive is kept',
  },
} as const satisfies Record<string, Condition>;
export type ConditionName = keyof typeof CONDITIONS;

/**
 * What is told before an act and holds nothing up: the data is proved by the seal of the volume, a number on the case only
 * says whether somebody had the case open on the way.
 */
export const REMARKS = {
  'seals-compared': {
    holds: ({ uncomparedSeals }) => uncomparedSeals.length === 0,
    missing: ({ uncomparedSeals }) =>
      `the tamper seals noted at departure (${uncomparedSeals.join(', ')}) were not compared on arrival`,
    fix: 'compare them while they are on the case: waybill job seals',
  },
} as const satisfies Record<string, Omit<Condition, 'mayBeWaived'>>;
export type RemarkName = keyof typeof REMARKS;
const conditionOf = (name: ConditionName): Condition => CONDITIONS[name];

/** All of the data is where it belongs, or its loss is accepted. */
const ARRIVED = ['seal-known', 'reported', 'seal-reported', 'landed'] as const;
const ERASABLE = [
  'own-device',
  'done-with-device',
  'no-incident',
  ...ARRIVED,
  'grace',
  'no-retry',
  'restored',
] as const;

/** What each act has to wait for. */
export const IRREVERSIBLE = {
  /** A person or a station asks for it; nobody has looked at the device yet. */
  'begin-erasing': { label: 'Start erasing', requires: ERASABLE, remarks: ['seals-compared'] },
  erase: {
    label: 'Erase the device',
    requires: [...ERASABLE, 'seal-verified'],
    remarks: ['seals-compared'],
  },
  complete: {
    label: 'Complete the job',
    requires: ['no-incident', ...ARRIVED],
    remarks: ['seals-compared'],
  },
  return: {
    label: 'Return the disk',
    requires: ['no-incident', ...ARRIVED],
    remarks: ['seals-compared'],
  },
  'destroy-key': {
    label: 'Destroy the job’s key',
    requires: ['no-incident', 'key-unneeded', 'device-gone', ...ARRIVED, 'grace', 'restored'],
    remarks: [],
  },
  'release-credentials': {
    label: 'Release manifest and unlock code',
    requires: ['not-set-aside'],
    remarks: [],
  },
} as const satisfies Record<
  string,
  { label: string; requires: readonly ConditionName[]; remarks: readonly RemarkName[] }
>;
export type IrreversibleAct = keyof typeof IRREVERSIBLE;
export const IRREVERSIBLE_ACTS = Object.keys(IRREVERSIBLE) as [
  IrreversibleAct,
  ...IrreversibleAct[],
];

/** A condition that does not hold. */
export interface MissingCondition {
  condition: ConditionName;
  missing: string;
  fix: string;
}

/** One condition, in words, or undefined when it holds. */
export function missingOf(
  name: ConditionName,
  evidence: Evidence,
  seen: Sighting = {},
): MissingCondition | undefined {
  const { holds, missing, fix } = conditionOf(name);
  if (holds(evidence, seen)) return undefined;
  return {
    condition: name,
    missing: missing(evidence),
    fix: typeof fix === 'string' ? fix : fix(evidence),
  };
}

/**
 * Nothing can land any more, by somebody's decision: the device was erased as an administrator allowed, or the job of a
 * customer's disk was closed and the disk is with its owner.
 */
const isDecided = ({ erased, eraseUnverified, owner, state }: Evidence): boolean =>
  erased ? eraseUnverified : owner === 'customer' && state === 'completed';

/** All that is missing for an act, in the order of the table; empty: it may be done. */
export function missingFor(
  act: IrreversibleAct,
  evidence: Evidence,
  seen: Sighting = {},
): MissingCondition[] {
  const isErasing = act === 'erase' || act === 'begin-erasing';
  const waives = isErasing && evidence.eraseUnverified;
  const decided: readonly ConditionName[] =
    act === 'destroy-key' && isDecided(evidence) ? ARRIVED : [];
  const names: readonly ConditionName[] = IRREVERSIBLE[act].requires;
  return names.flatMap((name) => {
    if ((waives && conditionOf(name).mayBeWaived) || decided.includes(name)) return [];
    return missingOf(name, evidence, seen) ?? [];
  });
}

/** An import waits until somebody compares the tamper seals. */
export const waitsForSeals = ({ sealsRequired, uncomparedSeals }: Evidence): boolean =>
  sealsRequired && uncomparedSeals.length > 0;

/** What is told before an act and does not hold it up. */
export interface Remark {
  remark: RemarkName;
  missing: string;
  fix: string;
}

/** All that is told before an act, in the order of the table. */
export function remarksFor(act: IrreversibleAct, evidence: Evidence): Remark[] {
  const names: readonly RemarkName[] = IRREVERSIBLE[act].remarks;
  return names.flatMap((remark) => {
    const { holds, missing, fix } = REMARKS[remark];
    return holds(evidence) ? [] : [{ remark, missing: missing(evidence), fix }];
  });
}

/** What is told of a device that a facility has and that is not erased. */
export function remarksAtHand(evidence: Evidence): Remark[] {
  if (evidence.erased || !WITH_FACILITY.includes(evidence.state)) return [];
  return remarksFor('begin-erasing', evidence);
}

const WITH_FACILITY: readonly JobState[] = ['at-facility', 'importing', 'erasing', 'completed'];

/** Where the device of an appliance's job is with the facility for the last time. */
const BACK: Record<JobType, readonly JobState[]> = {
  import: ['importing', 'completed'],
  export: ['at-facility', 'erasing', 'completed'],
};

const isOnlyLost = ({ incidents }: Evidence) =>
  incidents.every((kind) => kind === 'objects-failed');

/**
 * What people have to see to before the device of a job is erased; empty while it is not back, as everything is missing
 * then.
 */
export function missingAtHand(evidence: Evidence): MissingCondition[] {
  const { type, state, owner, erased, reported } = evidence;
  if (owner === 'customer' || erased || !BACK[type].includes(state)) return [];
  if (state === 'importing' && !reported) return [];
  const missing = missingFor('begin-erasing', evidence);
  const isLost = missing.some(({ condition }) => condition === 'landed');
  return missing.filter(({ condition }) => {
    if (condition === 'done-with-device') return false;
    // Objects that did not land are told once: not as an incident and as a loss, too.
    if (condition === 'grace') return !isLost;
    return condition !== 'no-incident' || !isLost || !isOnlyLost(evidence);
  });
}

/** Throws PreconditionFailed with the first condition of the act that does not hold. */
export function requireEvidence(
  act: IrreversibleAct,
  evidence: Evidence,
  seen: Sighting = {},
): void {
  const [first] = missingFor(act, evidence, seen);
  if (!first) return;
  const { missing, fix } = first;
  throw new WaybillError('PreconditionFailed', { action: act, missing, fix });
}

/** Whether a device that is erased now is erased as verified, which is what its certificate says: its seal was. */
export function isVerifiedErasure(evidence: Evidence, seen: Sighting = {}): boolean {
  return missingOf('seal-verified', evidence, seen) === undefined;
}

/** Whether a device that is erased now is erased only because an administrator allows it. */
export function isWaiverNeeded(evidence: Evidence, seen: Sighting = {}): boolean {
  return missingFor('erase', { ...evidence, eraseUnverified: false }, seen).length > 0;
}
