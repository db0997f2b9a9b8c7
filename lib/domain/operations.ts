import type { ErrorCode } from './errors.ts';
import { OPTION_RULES } from './options.ts';
import type { JobFacts } from './preconditions.ts';
import type { JobState, JobType, OperationState } from './words.ts';

/** The long operations of agents and stations: what each needs, and how often it is tried. One table for all of them. */

/** What has to hold before an attempt. The host that works checks it, and names what does not hold. */
export const OPERATION_PRECONDITIONS = {
  device: 'the device is connected to the host',
  label: 'the device carries the label of the job',
  source: 'the source is there and can be read',
  consent: 'the owner of the host allows the processing steps of the job',
  unsealed: 'the volume is not sealed',
  store: 'the store can be used',
  finished: 'the job is done with the device',
} as const;
export type OperationPrecondition = keyof typeof OPERATION_PRECONDITIONS;

export interface OperationRule {
  label: string;
  preconditions: readonly OperationPrecondition[];
  /** Milliseconds without progress after which an attempt is stopped: how long all of it takes nobody knows beforehand. */
  attemptTimeoutMs: number;
  /** Attempts after the first one. */
  maximumRetries: number;
  /** Milliseconds between two attempts. */
  retryDelayMs: number;
}

const MINUTE = 60_000;
const LOADING = ['device', 'label', 'source', 'consent', 'unsealed'] as const;

// biome-ignore format: one row a line
export const OPERATION_RULES = {
  scan: { label: 'Look at the source', preconditions: LOADING, attemptTimeoutMs: 30 * MINUTE, maximumRetries: 3, retryDelayMs: MINUTE / 2 },
  load: { label: 'Load the volume', preconditions: LOADING, attemptTimeoutMs: 30 * MINUTE, maximumRetries: 10, retryDelayMs: MINUTE / 2 },
  verify: { label: 'Read the volume back', preconditions: ['device', 'label'], attemptTimeoutMs: 15 * MINUTE, maximumRetries: 3, retryDelayMs: MINUTE / 2 },
  seal: { label: 'Seal the volume', preconditions: ['device', 'label'], attemptTimeoutMs: 60 * MINUTE, maximumRetries: 3, retryDelayMs: MINUTE / 2 },
  import: { label: 'Import into the store', preconditions: ['device', 'label', 'store'], attemptTimeoutMs: 60 * MINUTE, maximumRetries: 10, retryDelayMs: MINUTE },
  export: { label: 'Export from the store', preconditions: ['device', 'label', 'store', 'unsealed'], attemptTimeoutMs: 60 * MINUTE, maximumRetries: 10, retryDelayMs: MINUTE },
  restore: { label: 'Write the objects out', preconditions: ['device', 'label'], attemptTimeoutMs: 30 * MINUTE, maximumRetries: 10, retryDelayMs: MINUTE / 2 },
  erase: { label: 'Erase the device', preconditions: ['device', 'finished'], attemptTimeoutMs: 30 * MINUTE, maximumRetries: 3, retryDelayMs: MINUTE / 2 },
} as const satisfies Record<string, OperationRule>;

export type Operation = keyof typeof OPERATION_RULES;
export const OPERATIONS = Object.keys(OPERATION_RULES) as Operation[];

export const operationRule = (operation: Operation): OperationRule => OPERATION_RULES[operation];

/** Preconditions of some operations, as a type: who runs them has to check each. */
export type NeededBy<O extends Operation> = (typeof OPERATION_RULES)[O]['preconditions'][number];

/** Errors that may pass by themselves, or once somebody has seen to cable, mount or store. */
export const PASSING: readonly ErrorCode[] = [
  'DeviceIo',
  'DeviceNotFound',
  'DeviceNotPrepared',
  'SourceNotFound',
  'SourceInUse',
  'StoreUnavailable',
  'HostLimit',
  'OperationStalled',
  'ConsoleUnreachable',
];

/**
 * What stands in the way of the whole store. Nobody at the station can mend it: where the host has somebody to tell, it is
 * waited for without limit, and tried again after these pauses, the last of them from then on.
 */
export const STORE_WIDE: readonly ErrorCode[] = [
  'StoreRefuses',
  'StoreFull',
  'BucketNotFound',
  'StoreUnavailable',
];
export const STORE_PAUSES_MS: readonly number[] = [5000, 10_000, 20_000, MINUTE / 2, MINUTE];
export const storePauseMs = (waits: number): number =>
  STORE_PAUSES_MS[Math.min(waits, STORE_PAUSES_MS.length) - 1] ?? MINUTE;

/** How an operation stands, as the host tells that runs it. */
export interface OperationNews {
  operation: Operation;
  state: Exclude<OperationState, 'planned'>;
  /** Counts from 1. */
  attempt: number;
  /** The precondition that does not hold. */
  waitingFor?: OperationPrecondition | undefined;
  /** The error of the last attempt. */
  code?: ErrorCode | undefined;
  message?: string | undefined;
  /** Of the next attempt, ISO 8601, by the clock of the host. */
  retryAt?: string | undefined;
}

/** How an operation of a job stands, for people. */
export interface OperationStatus extends Omit<OperationNews, 'state'> {
  state: OperationState;
  /** What it waits for, in words. */
  waits?: string | undefined;
}

const ORDER = {
  import: ['scan', 'load', 'verify', 'seal', 'import', 'erase'],
  export: ['scan', 'export', 'verify', 'seal', 'restore', 'erase'],
} as const satisfies Record<JobType, readonly Operation[]>;

/** What comes after an operation: what was heard of these before news of that is of an earlier copy. */
export function operationsAfter(operation: Operation): readonly Operation[] {
  const orders: readonly (readonly Operation[])[] = Object.values(ORDER);
  return OPERATIONS.filter((other) =>
    orders.some(
      (order) => order.includes(operation) && order.indexOf(other) > order.indexOf(operation),
    ),
  );
}

/** In which states of its job an operation runs. */
function statesOf(operation: Operation, { option, type }: JobFacts): readonly JobState[] {
  if (operation === 'restore') return ['at-site'];
  if (operation === 'import') return ['at-facility', 'importing'];
  if (operation === 'erase') return type === 'export' ? ['at-facility', 'erasing'] : ['completed'];
  return [loadingState({ option, type })];
}

/** Where a volume is written: at the site for an import, at the facility for an export. */
export function loadingState({ option, type }: Pick<JobFacts, 'option' | 'type'>): JobState {
  if (type === 'export') return 'exporting';
  return OPTION_RULES[option].deviceShipsFirst ? 'at-site' : 'created';
}

function isDone(operation: Operation, { sealed, reported, erased }: JobFacts): boolean {
  if (operation === 'import') return reported;
  // Only the site knows.
  if (operation === 'restore') return false;
  return operation === 'erase' ? erased : sealed;
}

/** Whether the site no longer has the device of an export. */
function isEmptied({ option, state }: JobFacts): boolean {
  if (state === 'completed') return true;
  const back: readonly JobState[] = [
    'in-transit-to-facility',
    'at-sorting',
    'at-facility',
    'erasing',
  ];
  return OPTION_RULES[option].deviceShipsFirst && back.includes(state);
}

/** The operations of a job in their order: how each stands, and what it waits for. `news` is the last that was heard. */
export function operationStatuses(
  facts: JobFacts,
  news: readonly OperationNews[],
): OperationStatus[] {
  const erases = OPTION_RULES[facts.option].owner === 'provider';
  const newsOf = (one: Operation) => news.find(({ operation }) => operation === one);
  const operations = ORDER[facts.type].filter((one) => {
    if (one === 'erase') return erases;
    // A site need not tell that it restores.
    return one !== 'restore' || newsOf(one) !== undefined || !isEmptied(facts);
  });
  return operations.map((operation, i) => {
    const latest = newsOf(operation);
    const attempt = latest?.attempt ?? 0;
    if (isDone(operation, facts)) return { operation, state: 'done', attempt };
    const states = statesOf(operation, facts);
    const before = operations.slice(0, i).findLast((one) => one !== 'restore');
    if (latest && (operation === 'restore' || states.includes(facts.state)))
      return { ...latest, ...(latest.state === 'waiting' && { waits: waitsOf(latest) }) };
    const waits = states.includes(facts.state)
      ? before && !isDone(before, facts) && !wasDone(before, news)
        ? `first: ${OPERATION_RULES[before].label}`
        : 'its start'
      : `the job to be ${states.join(' or ').replaceAll('-', ' ')}`;
    return { operation, state: 'planned', attempt, waits };
  });
}

const wasDone = (operation: Operation, news: readonly OperationNews[]): boolean =>
  news.some((one) => one.operation === operation && one.state === 'done');

/** What an operation waits for, in words. */
export function waitsOf({ waitingFor, message }: OperationNews): string {
  if (waitingFor) return `until ${OPERATION_PRECONDITIONS[waitingFor]}`;
  return message ? `the next attempt: ${message}` : 'the next attempt';
}
