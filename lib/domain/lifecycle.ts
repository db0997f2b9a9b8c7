import { type IrreversibleAct, missingFor, RESOLVE_INCIDENT } from './irreversible.ts';
import { OPTION_RULES } from './options.ts';
import type { Permission } from './permissions.ts';
import type { JobFacts, KnownFacts, Precondition } from './preconditions.ts';
import type { JobState, JobType, Option } from './words.ts';

type Family = 'appliance' | 'disk';

/** One row: in which state, by whom, for which jobs an action leads where. */
export interface LifecycleRow {
  from: JobState;
  action: Action;
  to: JobState;
  permission: Permission;
  family: Family;
  types: readonly JobType[];
  requires: readonly Precondition[];
  /** What it does cannot be undone: the rule of that act holds as well. */
  act?: IrreversibleAct | undefined;
}

/** Every action: the words of its button, and the command that does the same. */
export const ACTIONS = {
  prepare: { label: 'Start preparing', command: 'waybill station prepare' },
  'mark-ready': { label: 'Mark ready to ship', command: 'waybill job act JOB mark-ready' },
  'ship-to-site': {
    label: 'Ship to site',
    command: 'waybill job act JOB ship-to-site --carrier NAME --tracking NUMBER',
  },
  deliver: { label: 'Mark delivered to site', command: 'waybill job act JOB deliver' },
  'ship-to-facility': {
    label: 'Ship to facility',
    command: 'waybill job act JOB ship-to-facility --carrier NAME --tracking NUMBER',
  },
  'arrive-at-sorting': {
    label: 'Mark arrived at sorting',
    command: 'waybill job act JOB arrive-at-sorting',
  },
  receive: { label: 'Receive at facility', command: 'waybill station receive' },
  'start-import': { label: 'Start import', command: 'waybill station import' },
  'start-export': { label: 'Start export', command: 'waybill station export' },
  'start-erase': { label: 'Start erasing', command: 'waybill station erase' },
  return: {
    label: 'Return the disk',
    command: 'waybill job act JOB return --carrier NAME --tracking NUMBER',
  },
  complete: { label: 'Complete', command: 'waybill job act JOB complete' },
  close: { label: 'Close with errors', command: 'waybill job act JOB close' },
  cancel: { label: 'Cancel job', command: 'waybill job cancel JOB' },
} as const;
export type Action = keyof typeof ACTIONS;
export const ACTION_NAMES = Object.keys(ACTIONS) as Action[];

const BOTH = ['import', 'export'] as const;
const IMPORT = ['import'] as const;
const EXPORT = ['export'] as const;

type Short = [
  JobState,
  Action,
  JobState,
  Permission,
  readonly JobType[],
  Precondition[]?,
  IrreversibleAct?,
];

const APPLIANCE: Short[] = [
  ['created', 'prepare', 'preparing', 'job.handle-at-facility', BOTH, ['fits']],
  [
    'preparing',
    'mark-ready',
    'ready-to-ship',
    'job.handle-at-facility',
    IMPORT,
    ['device', 'prepared'],
  ],
  [
    'preparing',
    'start-export',
    'exporting',
    'job.handle-at-facility',
    EXPORT,
    ['device', 'prepared', 'not-set-aside'],
  ],
  ['exporting', 'mark-ready', 'ready-to-ship', 'job.handle-at-facility', EXPORT, ['sealed']],
  ['ready-to-ship', 'ship-to-site', 'in-transit-to-site', 'job.handle-at-facility', BOTH],
  ['in-transit-to-site', 'deliver', 'at-site', 'job.handle-at-site', BOTH],
  [
    'at-site',
    'ship-to-facility',
    'in-transit-to-facility',
    'job.handle-at-site',
    IMPORT,
    ['sealed'],
  ],
  ['at-site', 'ship-to-facility', 'in-transit-to-facility', 'job.handle-at-site', EXPORT],
  ['in-transit-to-facility', 'arrive-at-sorting', 'at-sorting', 'job.handle-at-facility', BOTH],
  ['at-sorting', 'receive', 'at-facility', 'job.handle-at-facility', BOTH],
  [
    'at-facility',
    'start-import',
    'importing',
    'job.handle-at-facility',
    IMPORT,
    ['not-set-aside', 'seals-compared'],
  ],
  [
    'importing',
    'complete',
    'completed',
    'job.handle-at-facility',
    IMPORT,
    ['reported'],
    'complete',
  ],
  ['at-facility', 'start-erase', 'erasing', 'job.handle-at-facility', EXPORT, [], 'begin-erasing'],
  ['erasing', 'complete', 'completed', 'job.handle-at-facility', EXPORT, ['erased'], 'complete'],
  ['preparing', 'cancel', 'cancelled', 'job.handle-at-facility', BOTH],
];

const DISK: Short[] = [
  [
    'created',
    'ship-to-facility',
    'in-transit-to-facility',
    'job.handle-at-site',
    IMPORT,
    ['sealed'],
  ],
  ['created', 'ship-to-facility', 'in-transit-to-facility', 'job.handle-at-site', EXPORT, ['fits']],
  ['in-transit-to-facility', 'receive', 'at-facility', 'job.handle-at-facility', BOTH],
  [
    'at-facility',
    'start-import',
    'importing',
    'job.handle-at-facility',
    IMPORT,
    ['not-set-aside', 'seals-compared'],
  ],
  ['importing', 'return', 'returning', 'job.handle-at-facility', IMPORT, ['reported'], 'return'],
  ['returning', 'complete', 'completed', 'job.handle-at-site', IMPORT, [], 'complete'],
  [
    'at-facility',
    'start-export',
    'exporting',
    'job.handle-at-facility',
    EXPORT,
    ['prepared', 'not-set-aside'],
  ],
  ['exporting', 'return', 'returning', 'job.handle-at-facility', EXPORT, ['sealed'], 'return'],
  ['returning', 'deliver', 'at-site', 'job.handle-at-site', EXPORT],
  ['at-site', 'complete', 'completed', 'job.handle-at-site', EXPORT, [], 'complete'],
];

/** After an incident that cannot be mended the job ends, with errors, from wherever the device was. */
const CLOSABLE: JobState[] = [
  'ready-to-ship',
  'in-transit-to-site',
  'at-site',
  'in-transit-to-facility',
  'at-sorting',
  'at-facility',
  'importing',
  'exporting',
  'erasing',
  'returning',
];

const shared = (family: Family): Short[] => [
  ['created', 'cancel', 'cancelled', 'job.cancel', BOTH],
  ...CLOSABLE.filter((state) => hasState(family, state)).map(
    (state): Short => [state, 'close', 'completed', 'job.resolve-incident', BOTH, ['attention']],
  ),
];

function hasState(family: Family, state: JobState): boolean {
  return (family === 'disk' ? DISK : APPLIANCE).some((row) => row[0] === state || row[2] === state);
}

const rows = (family: Family, short: Short[]): LifecycleRow[] =>
  short.map(([from, action, to, permission, types, requires = [], act]) => ({
    from,
    action,
    to,
    permission,
    family,
    types,
    requires,
    act,
  }));

/** The lifecycle of every job: the only place where states follow each other. */
export const LIFECYCLE: readonly LifecycleRow[] = [
  ...rows('appliance', [...APPLIANCE, ...shared('appliance')]),
  ...rows('disk', [...DISK, ...shared('disk')]),
];

export const FINAL_STATES: readonly JobState[] = ['completed', 'cancelled'];

export const familyOf = (option: Option): Family =>
  OPTION_RULES[option].deviceShipsFirst ? 'appliance' : 'disk';

/** The rows that leave a state, for a job of this option and type. */
export function rowsFrom(facts: Pick<JobFacts, 'option' | 'type' | 'state'>): LifecycleRow[] {
  const family = familyOf(facts.option);
  return LIFECYCLE.filter(
    (row) => row.family === family && row.from === facts.state && row.types.includes(facts.type),
  );
}

export function firstMissing(act: IrreversibleAct, { evidence, attention }: KnownFacts) {
  if (evidence) return missingFor(act, evidence)[0];
  return attention ? { missing: 'an incident is open', fix: RESOLVE_INCIDENT } : undefined;
}

/** The states a job passes through in order, for a progress bar. */
export function mainPath(option: Option, type: JobType): JobState[] {
  const path: JobState[] = ['created'];
  for (;;) {
    const next = rowsFrom({ option, type, state: path.at(-1) ?? 'created' }).find(
      (row) => row.action !== 'cancel' && row.action !== 'close',
    );
    if (!next) return path;
    path.push(next.to);
  }
}
