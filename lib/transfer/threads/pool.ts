import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import type { Control } from './control.ts';
import type { FromThread, ToThread } from './messages.ts';
import { unpackError } from './packed-error.ts';
import { newWorker, type ThreadNeeds } from './start-worker.ts';
import { type Task, type TaskKind, type TaskSetup, taskOnDemand } from './task.ts';

/**
 * Jobs a thread has at a time. With a second one waiting it would never pause, for a few microseconds a job; but
 * what waits behind a huge object cannot be done by a thread that is idle.
 */
const QUEUED_JOBS_MAX = 1;
const THREADS_MAX = 8;
const FEW_NEEDS: ThreadNeeds = { everything: false, objects: false };

export const defaultWorkers = (): number => Math.min(availableParallelism(), THREADS_MAX);

interface PoolOptions<Setup extends TaskSetup, Job, Result, Note> {
  kind: TaskKind<Setup, Job, Result, Note>;
  setup: NoInfer<Setup>;
  control: Control;
  /** What a thread has to have beyond the small program of threads. */
  needs?: ThreadNeeds;
  /** 0 works in the calling thread. */
  workers?: number | undefined;
}

interface PoolWork<Job, Result, Note> {
  jobs: AsyncIterable<Job> | Iterable<Job>;
  onDone?: (result: Result) => void;
  onNote?: (note: Note) => void;
}

/** Threads that start at once, so that they are ready when there are jobs. They touch nothing before the first one. */
export class Pool<Setup extends TaskSetup, Job, Result, Note> {
  readonly #threads: Thread<Job>[];
  readonly #control: Control;
  #work: Omit<PoolWork<Job, Result, Note>, 'jobs'> = {};

  constructor(options: PoolOptions<Setup, Job, Result, Note>) {
    const { kind, setup, control, needs = FEW_NEEDS, workers = defaultWorkers() } = options;
    const onNote = (note: Note) => this.#work.onNote?.(note);
    const handlers = { onDone: (result: Result) => this.#work.onDone?.(result), onNote };
    const workerData = { waybillTask: kind.name, setup, shared: control.shared };
    this.#control = control;
    this.#threads = Array.from({ length: Math.max(1, workers) }, () =>
      workers > 0
        ? threadOf(newWorker(workerData, needs), handlers)
        : runHere(taskOnDemand(kind, setup, control, onNote), handlers),
    );
  }

  /**
   * Runs jobs, each thread one at a time, and then lets every thread finish. The first error stops the transfer:
   * the others are told to stop, and finish what they can. Called once.
   */
  async run(work: PoolWork<Job, Result, Note>): Promise<void> {
    this.#work = work;
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
  }

  /** Ends threads that are not needed after all. */
  async abandon(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.abandon()));
  }
}

interface Handlers<Result, Note> {
  onDone(result: Result): void;
  onNote(note: Note): void;
}

interface Thread<Job> {
  readonly pending: number;
  /** Resolves when the job is done. */
  send(job: Job): Promise<void>;
  /** Resolves when the thread may have another job. */
  free(): Promise<void>;
  finish(): Promise<void>;
  abandon(): Promise<unknown>;
}

async function freeThread<Job>(threads: Thread<Job>[]): Promise<Thread<Job>> {
  for (;;) {
    const thread = threads.reduce((a, b) => (b.pending < a.pending ? b : a));
    if (thread.pending < QUEUED_JOBS_MAX) return thread;
    await Promise.race(threads.map((each) => each.free()));
  }
}

/** A thread of its own. */
function threadOf<Job, Result, Note>(
  worker: Worker,
  handlers: Handlers<Result, Note>,
): Thread<Job> {
  const waiting: { resolve(): void; reject(error: unknown): void }[] = [];
  let wake = () => {};
  let freed = new Promise<void>((resolve) => {
    wake = resolve;
  });
  let failure: unknown;
  let finished: { resolve(): void; reject(error: unknown): void } | undefined;
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
  const take = (message: FromThread<Result, Note>) => {
    if (message.type === 'note') handlers.onNote(message.note);
    else if (message.type === 'failed') fail(unpackError(message.error));
    else if (message.type === 'finished') finished?.resolve();
    else {
      handlers.onDone(message.result);
      waiting.shift()?.resolve();
      settle();
    }
  };
  worker.on('message', (message: FromThread<Result, Note>) => {
    try {
      take(message);
    } catch (error) {
      // What came of a job could not be kept, on a host whose disk is full, say.
      fail(error);
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
        worker.postMessage({ type: 'job', job } satisfies ToThread<Job>);
      }),
    free: () => freed,
    abandon: () => {
      worker.removeAllListeners('exit');
      return worker.terminate();
    },
    finish: async () => {
      try {
        await new Promise<void>((resolve, reject) => {
          if (failure) return reject(failure);
          finished = { resolve, reject };
          worker.postMessage({ type: 'finish' } satisfies ToThread<Job>);
        });
      } finally {
        worker.removeAllListeners('exit');
        await worker.terminate();
      }
    },
  };
}

/** The same work in the calling thread, one job after the other, for small volumes and tests. */
function runHere<Job, Result>(
  task: Task<Job, Result>,
  handlers: Pick<Handlers<Result, never>, 'onDone'>,
): Thread<Job> {
  let pending = 0;
  let chain: Promise<void> = Promise.resolve();
  return {
    get pending() {
      return pending;
    },
    send: (job) => {
      pending += 1;
      chain = chain.then(async () => {
        handlers.onDone(await task.handle(job));
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
        await task.finish().catch(() => undefined);
        throw error;
      }
      return task.finish();
    },
  };
}
