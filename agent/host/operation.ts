import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isWaybillError, nextOfRetried, WaybillError } from '../../lib/domain/errors.ts';
import {
  type NeededBy,
  OPERATION_RULES,
  OPERATIONS,
  type Operation,
  type OperationNews,
  type OperationPrecondition,
  operationRule,
  operationsAfter,
  PASSING,
  STORE_WIDE,
  storePauseMs,
} from '../../lib/domain/operations.ts';
import { formatDuration } from '../../lib/domain/sizes.ts';
import { refusedBytesOf } from '../../lib/domain/store-refusals.ts';
import { makeFolders } from '../../lib/files/file-access.ts';
import type { TransferEvent } from '../../lib/transfer/progress/progress.ts';
import { Interrupted, pause } from './signals.ts';
import { onState } from './state-errors.ts';

/** Checks of preconditions by name. Each throws the error that says what is missing. */
export type Checks<O extends Operation> = Record<NeededBy<O>, () => unknown>;

/** What an attempt is given. */
export interface Attempt {
  signal: AbortSignal;
  onEvent: (event: TransferEvent) => void;
}

/** What the operations of one command have in common. */
export interface OperationHost {
  /** Where this host keeps the state of the job. */
  stateDir: string;
  signal: AbortSignal;
  onEvent: (event: TransferEvent) => void;
  /** A remark for people. */
  note: (text: string) => void;
  /** Tells the console. */
  report: (news: OperationNews) => void;
  wait?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
  /** Hears that the store as a whole does not take what it is sent; without one that is an error as others are. */
  store?: StoreWatch;
}

/** Hears how the store of an operation stands. */
export interface StoreWatch {
  /** It refuses: this is waited for, without limit. */
  refuses(error: WaybillError): Promise<void>;
  /** It takes what is as large as what it refused, or all of the operation is done. Neither of the two throws. */
  accepts(): Promise<void>;
  /** The station is to do what can be done now: what has to be waited for ends the operation. */
  isHasty?: boolean | undefined;
}

/** A stopped attempt has so long to come to a point from which it can go on. */
const STOP_WITHIN_MS = 60_000;

/**
 * Runs one or several operations that follow each other in one piece of work, by their rows of the table: checks
 * what they need before every attempt, stops an attempt without progress, and tries again what may pass. What is
 * missing before the first attempt is refused at once. The phases that the work tells lead from one to the next.
 */
export async function operate<T, O extends Operation>(
  operations: readonly [O, ...O[]],
  host: OperationHost,
  checks: Checks<NoInfer<O>>,
  work: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  let isKept = true;
  const report = (news: OperationNews) => {
    try {
      if (isKept) keepNews(host.stateDir, news);
    } catch (error) {
      if (!isWaybillError(error)) throw error;
      // The work itself says so where it cannot go on without.
      isKept = false;
      host.note(`note: ${error.message}; waybill status does not show how this goes on`);
    }
    host.report(news);
  };
  const [first] = operations;
  let waits = 0;
  // Until an object as large as the largest that was refused is taken, it is the same refusal that is waited for.
  let refusedBytes = 0;
  for (let attempt = 1; ; attempt += 1) {
    const reportState: ReportState = (operation, state) => report({ operation, state, attempt });
    const now = new Current(operations, reportState, refusedBytes);
    const unmet = await missing(first, checks);
    const error = unmet ? unmet.error : await now.run(host, work);
    if (now.hasLanded) {
      waits = 0;
      refusedBytes = 0;
    }
    if (error === undefined) {
      await host.store?.accepts();
      return now.result as T;
    }
    const operation = now.operation;
    const { maximumRetries, retryDelayMs } = operationRule(operation);
    if (host.signal.aborted) throw error;
    const facts = {
      operation,
      attempt,
      ...(unmet && { waitingFor: unmet.name }),
      ...describe(error),
    };
    if (host.store && isStoreWide(error, unmet?.name)) {
      waits += 1;
      refusedBytes = Math.max(refusedBytes, refusedBytesOf(error));
      await waitForStore(host, { error, waits, report: (news) => report({ ...facts, ...news }) });
      attempt -= 1;
      continue;
    }
    const passing = isWaybillError(error, ...PASSING) && !(unmet && attempt === 1);
    if (!passing || attempt > maximumRetries || now.isStuck) {
      report({ ...facts, state: 'failed' });
      throw error;
    }
    const retryAt = new Date(Date.now() + retryDelayMs).toISOString();
    report({ ...facts, state: 'waiting', retryAt });
    const next = `attempt ${attempt + 1} of ${maximumRetries + 1} in ${formatDuration(retryDelayMs)}`;
    host.note(`${OPERATION_RULES[operation].label}: ${error.message}; ${next}`);
    await (host.wait ?? pause)(retryDelayMs, host.signal);
    if (host.signal.aborted) throw new Interrupted();
  }
}

const isStoreWide = (
  error: unknown,
  unmet: OperationPrecondition | undefined,
): error is WaybillError =>
  isWaybillError(error, ...STORE_WIDE) && (unmet === undefined || unmet === 'store');

/** Nobody here can do anything but wait, however long it takes. */
async function waitForStore(
  host: OperationHost,
  waiting: {
    error: WaybillError;
    waits: number;
    report: (news: { state: 'waiting' | 'failed'; waitingFor: 'store'; retryAt?: string }) => void;
  },
): Promise<void> {
  const { error, waits, report } = waiting;
  await host.store?.refuses(error);
  if (host.store?.isHasty) {
    report({ state: 'failed', waitingFor: 'store' });
    throw error;
  }
  const delayMs = storePauseMs(waits);
  const retryAt = new Date(Date.now() + delayMs).toISOString();
  report({ state: 'waiting', waitingFor: 'store', retryAt });
  host.note(`${error.message}; ${nextOfRetried(error)}; tried again in ${formatDuration(delayMs)}`);
  await (host.wait ?? pause)(delayMs, host.signal);
  if (host.signal.aborted) throw new Interrupted();
}

const describe = (error: unknown) =>
  isWaybillError(error) ? { code: error.code, message: error.message.slice(0, 500) } : {};

/** The first precondition that does not hold. */
async function missing(
  operation: Operation,
  checks: Partial<Record<OperationPrecondition, () => unknown>>,
): Promise<{ name: OperationPrecondition; error: unknown } | undefined> {
  for (const name of operationRule(operation).preconditions) {
    try {
      await checks[name]?.();
    } catch (error) {
      return { name, error };
    }
  }
  return undefined;
}

type ReportState = (operation: Operation, state: 'running' | 'done') => void;

/** One attempt, with the operation that it is at. */
class Current {
  operation: Operation;
  result: unknown;
  /** It did not even stop. */
  isStuck = false;
  /** The store took, or gave, an object as large as those that it refused before. */
  hasLanded = false;
  readonly #refusedBytes: number;
  readonly #operations: readonly Operation[];
  readonly #reportState: ReportState;
  #moved = Date.now();
  #seen = '';

  constructor(
    operations: readonly [Operation, ...Operation[]],
    reportState: ReportState,
    refusedBytes: number,
  ) {
    this.#refusedBytes = refusedBytes;
    [this.operation] = operations;
    this.#operations = operations;
    this.#reportState = reportState;
  }

  /** Undefined when all went well, else what was thrown. */
  async run<T>(host: OperationHost, work: (attempt: Attempt) => Promise<T>): Promise<unknown> {
    const stop = new AbortController();
    const signal = AbortSignal.any([host.signal, stop.signal]);
    let stalled: WaybillError | undefined;
    const onEvent = (event: TransferEvent) => {
      const before = this.hasLanded;
      this.#take(event);
      // Work may go on for days: what kept it is over now.
      if (this.hasLanded && !before) void host.store?.accepts();
      host.onEvent(event);
    };
    this.#reportState(this.operation, 'running');
    const settled = work({ signal, onEvent }).then(
      (result) => {
        this.result = result;
      },
      (error: unknown) => error ?? new RangeError('it failed'),
    );
    const watch = { timer: undefined as NodeJS.Timeout | undefined };
    const stuck = new Promise<WaybillError>((resolve) => {
      const look = () => {
        const { attemptTimeoutMs } = operationRule(this.operation);
        const left = this.#moved + attemptTimeoutMs - Date.now();
        if (left > 0) {
          watch.timer = setTimeout(look, left);
          return;
        }
        const minutes = Math.round(attemptTimeoutMs / 60_000);
        const operation = OPERATION_RULES[this.operation].label;
        const error = new WaybillError('OperationStalled', { operation, minutes });
        stalled = error;
        stop.abort();
        watch.timer = setTimeout(() => {
          this.isStuck = true;
          resolve(error);
        }, STOP_WITHIN_MS);
      };
      look();
    });
    try {
      const error = await Promise.race([settled, stuck]);
      if (error === undefined) this.#reportState(this.operation, 'done');
      return error === undefined ? undefined : (stalled ?? error);
    } finally {
      clearTimeout(watch.timer);
    }
  }

  /** A phase leads to the next operation; what has grown is progress. */
  #take(event: TransferEvent): void {
    if (event.kind === 'problem') return;
    const seen = event.kind === 'phase' ? event.phase : `${event.objects} ${event.bytes}`;
    if (seen !== this.#seen) this.#moved = Date.now();
    this.#seen = seen;
    // What is listed, or was there already, shows nothing of whether the store takes or gives anything.
    if (event.kind === 'progress' && event.landed)
      this.hasLanded ||= event.landed.objects > 0 && event.landed.bytesMax >= this.#refusedBytes;
    if (event.kind !== 'phase' || event.phase === 'scan') return;
    const next = this.#operations[this.#operations.indexOf(this.operation) + 1];
    if (!next) return;
    this.#reportState(this.operation, 'done');
    this.operation = next;
    this.#reportState(next, 'running');
  }
}

const NEWS_FILE = 'operations.json';

/**
 * Keeps the last news of each operation of a job, for `waybill status`: of this copy, not of one before it. Throws
 * StateUnavailable.
 */
function keepNews(stateDir: string, news: OperationNews): void {
  const over = [news.operation, ...operationsAfter(news.operation)];
  const others = readNews(stateDir).filter(({ operation }) => !over.includes(operation));
  const path = join(stateDir, NEWS_FILE);
  const place = ({ operation }: OperationNews) => OPERATIONS.indexOf(operation);
  const all = [...others, news].sort((a, b) => place(a) - place(b));
  onState(stateDir, () => {
    makeFolders(stateDir, 0o700);
    writeFileSync(`${path}.tmp`, JSON.stringify(all), { mode: 0o600 });
    renameSync(`${path}.tmp`, path);
  });
}

/** What this host last did for a job. */
export function readNews(stateDir: string): OperationNews[] {
  const path = join(stateDir, NEWS_FILE);
  if (!existsSync(path)) return [];
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as OperationNews[];
  } catch {
    return [];
  }
}
