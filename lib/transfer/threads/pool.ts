import { availableParallelism } from 'node:os';
import { ERRORS, type ErrorCode, type Facts, WaybillError } from '../../domain/errors.ts';
import { makeTask, needsOf, type TaskKind, type TaskSetup } from '../tasks.ts';
import type { Control } from './control.ts';
import { newWorker } from './start-worker.ts';

/** What a thread sends: an answer to one job, to `finish`, a note on the way, or the error that ended it. */
export type FromThread =
  | { type: 'done'; result: unknown }
  | { type: 'finished'; result: unknown }
  | { type: 'note'; note: unknown }
  | { type: 'failed'; error: ErrorMessage };
export type ToThread = { type: 'job'; job: unknown } | { type: 'finish' };

interface ErrorMessage {
  code?: string;
  facts?: Facts;
  name: string;
  message: string;
  stack?: string;
}

/** An error as plain data. */
export function packError(error: unknown): ErrorMessage {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack } = error;
  if (error instanceof WaybillError)
    return { code: error.code, facts: error.facts, name, message, stack };
  return { name, message, stack };
}

function unpackError(packed: ErrorMessage): Error {
  if (packed.code && packed.code in ERRORS) {
    return new WaybillError(packed.code as ErrorCode, packed.facts);
  }
  const error = new Error(packed.message);
  error.name = packed.name;
  error.stack = packed.stack;
  return error;
}

/**
 * Jobs a thread has at a time. With a second one waiting it would never pause, for a few microseconds a job; but
 * what waits behind a huge object cannot be done by a thread that is idle.
 */
const QUEUED_JOBS_MAX = 1;
const THREADS_MAX = 8;

export const defaultWorkers = (): number => Math.min(availableParallelism(), THREADS_MAX);

interface PoolOptions {
  kind: TaskKind;
  setup: TaskSetup;
  control: Control;
  workers: number;
}

interface PoolWork<Job, Result, Note> {
  jobs: AsyncIterable<Job> | Iterable<Job>;
  onDone?: (result: Result) => void;
  onNote?: (note: Note) => void;
}

/** Threads that start at once, so that they are ready when there are jobs. They touch nothing before the first one. */
export class Pool {
  readonly #threads: Thread[];
  readonly #control: Control;
  readonly #handlers: Handlers = { onDone: () => undefined, onNote: () => undefined };

  constructor({ kind, setup, control, workers }: PoolOptions) {
    const start = workers > 0 ? startThread : runHere;
    this.#control = control;
    this.#threads = Array.from({ length: Math.max(1, workers) }, () =>
      start(kind, setup, control, this.#handlers),
    );
  }

  /**
   * Runs jobs, each thread one at a time, and then lets every thread finish. The first error stops the transfer:
   * the others are told to stop, and finish what they can. Returns the threads' last results. Called once.
   */
  async run<Job, Result, Note, Last>(work: PoolWork<Job, Result, Note>): Promise<Last[]> {
    this.#handlers.onDone = (result) => work.onDone?.(result as Result);
    this.#handlers.onNote = (note) => work.onNote?.(note as Note);
    let failure: unknown;
    const fail = (error: unknown) => {
      failure ??= error;
      this.#control.stop();
    };
    try {
      for await (const job of work.jobs) {
        if (this.#control.stopped) break;
        const thread = await freeThread(this.#threads);
        thread.send(job).catch(fail);
      }
    } catch (error) {
      fail(error);
    }
    const last = await Promise.allSettled(this.#threads.map((thread) => thread.finish()));
    for (const result of last) if (result.status === 'rejected') fail(result.reason);
    if (failure) throw failure;
    return last.flatMap((result) => (result.status === 'fulfilled' ? [result.value as Last] : []));
  }

  /** Ends threads that are not needed after all. */
  async abandon(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.abandon()));
  }
}

/** Starts threads and runs jobs on them; see `Pool.run`. */
export function runPool<Job, Result, Note, Last>(
  options: PoolOptions & PoolWork<Job, Result, Note>,
): Promise<Last[]> {
  return new Pool(options).run(options);
}

/** Makes a value when it is first asked for. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

interface Handlers {
  onDone(result: unknown): void;
  onNote(note: unknown): void;
}

interface Thread {
  readonly pending: number;
  /** Resolves when the job is done. */
  send(job: unknown): Promise<void>;
  /** Resolves when the thread may have another job. */
  free(): Promise<void>;
  finish(): Promise<unknown>;
  abandon(): Promise<unknown>;
}

async function freeThread(threads: Thread[]): Promise<Thread> {
  for (;;) {
    const thread = threads.reduce((a, b) => (b.pending < a.pending ? b : a));
    if (thread.pending < QUEUED_JOBS_MAX) return thread;
    await Promise.race(threads.map((each) => each.free()));
  }
}

/** A thread of its own. */
function startThread(
  kind: TaskKind,
  setup: TaskSetup,
  control: Control,
  handlers: Handlers,
): Thread {
  const workerData = { waybillTask: kind, setup, shared: control.shared };
  const worker = newWorker(workerData, needsOf(setup));
  const waiting: { resolve(): void; reject(error: unknown): void }[] = [];
  let wake = () => {};
  let freed = new Promise<void>((resolve) => {
    wake = resolve;
  });
  let failure: unknown;
  let finished: { resolve(value: unknown): void; reject(error: unknown): void } | undefined;
  const settle = () => {
    wake();
    freed = new Promise((resolve) => {
      wake = resolve;
    });
  };
  const fail = (error: unknown) => {
    failure ??= error;
    for (const { reject } of waiting.splice(0)) reject(failure);
    finished?.reject(failure);
    settle();
  };
  worker.on('message', (message: FromThread) => {
    if (message.type === 'note') handlers.onNote(message.note);
    else if (message.type === 'failed') fail(unpackError(message.error));
    else if (message.type === 'finished') finished?.resolve(message.result);
    else {
      handlers.onDone(message.result);
      waiting.shift()?.resolve();
      settle();
    }
  });
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('a thread ended')));
  return {
    get pending() {
      return waiting.length;
    },
    send: (job) =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        waiting.push({ resolve, reject });
        worker.postMessage({ type: 'job', job } satisfies ToThread);
      }),
    free: () => freed,
    abandon: () => {
      worker.removeAllListeners('exit');
      return worker.terminate();
    },
    finish: async () => {
      try {
        return await new Promise((resolve, reject) => {
          if (failure) return reject(failure);
          finished = { resolve, reject };
          worker.postMessage({ type: 'finish' } satisfies ToThread);
        });
      } finally {
        worker.removeAllListeners('exit');
        await worker.terminate();
      }
    },
  };
}

/** The same work in the calling thread, one job after the other, for small volumes and tests. */
function runHere(kind: TaskKind, setup: TaskSetup, control: Control, handlers: Handlers): Thread {
  const task = once(() => makeTask(kind, setup, control, (note) => handlers.onNote(note)));
  const finish = async () => task().finish();
  let pending = 0;
  let chain: Promise<void> = Promise.resolve();
  return {
    get pending() {
      return pending;
    },
    send: (job) => {
      pending += 1;
      chain = chain.then(async () => {
        handlers.onDone(await task().handle(job));
        pending -= 1;
      });
      return chain;
    },
    free: () => chain,
    abandon: async () => undefined,
    finish: async () => {
      try {
        await chain;
      } catch (error) {
        // What ended before the error is kept: the next run need not do it again.
        await finish().catch(() => undefined);
        throw error;
      }
      return finish();
    },
  };
}
