import { join } from 'node:path';
import { isWaybillError, nextOfRetried } from '../../lib/domain/errors.ts';
import { redact } from '../../lib/keys/secrets.ts';
import { defaultWorkers } from '../../lib/transfer/threads/pool.ts';
import { Interrupted } from '../host/signals.ts';
import { outputOfDevice } from '../output/of-device.ts';
import type { WatchWork } from './decision.ts';
import { listDock, sharedIds } from './dock.ts';
import { erase } from './erase.ts';
import { exportTo } from './export.ts';
import { importFrom } from './import.ts';
import { reportDuplicates, type SeenDevice, type Task, taskOf } from './look.ts';
import { prepare } from './prepare.ts';
import { receive } from './receive.ts';
import { type Station, sightOf } from './station.ts';
import { WorkSlots } from './work-slots.ts';

const LOOK_MS = 2000;
/** A device whose work failed is left alone for a while, for longer each time. */
const AGAIN_MS = 30_000;
const AGAIN_MS_MAX = 30 * 60_000;
/** How often a device is looked at again at once when another station was faster. */
const LOST_CLAIMS_MAX = 40;
/** So long one device may wait in all where the watch is to end by itself; a later one goes on with it. */
const WAIT_MS_MAX = 15 * 60_000;
/** How many devices are worked on at once. */
export const DEVICES_AT_ONCE = 2;

type DoWork = (station: Station, jobId: string, deviceDir: string) => Promise<unknown>;
const WORKS: Record<WatchWork, DoWork> = {
  prepare,
  receive,
  export: exportTo,
  import: (station, jobId, deviceDir) =>
    importFrom(station, jobId, deviceDir, { withoutSeals: true }),
  erase,
};

export interface WatchOptions {
  /** End when there is nothing to do. */
  once: boolean;
  /** How many devices are worked on at once. */
  devices?: number;
}

/**
 * Looks at every device of a dock (each folder of it is one) and does what its job needs, on several at once, until
 * the signal aborts; with `once` until there is nothing to do. A device that waits or fails does not hold up the
 * others. Devices that carry one id are left alone, and an incident is opened.
 */
export async function watch(
  station: Station,
  dock: string,
  { once, devices = DEVICES_AT_ONCE }: WatchOptions,
): Promise<void> {
  await new Watch({ ...station, isHasty: once }, dock, { once, devices }).run();
}

/** What the watch remembers of a device: what it said last, and when it may try again. */
interface Memory {
  lastReason: string;
  failures: number;
  notBeforeMs: number;
  /** How often another station was faster in a row; what it left is looked for soon. */
  lostClaims: number;
}

interface Running {
  jobId: string;
  ended: Promise<void>;
  stop: () => void;
}

class Watch {
  readonly #station: Station;
  readonly #dock: string;
  readonly #once: boolean;
  readonly #devices: number;
  readonly #slots: WorkSlots;
  readonly #memories = new Map<string, Memory>();
  readonly #running = new Map<string, Running>();
  #wake: () => void = () => undefined;
  #isAwake = false;
  #isDown = false;
  #isCut = false;
  #wasInterrupted = false;
  /** What ends a watch that looks only once. */
  #failure: unknown;

  constructor(station: Station, dock: string, { once, devices }: Required<WatchOptions>) {
    this.#station = station;
    this.#dock = dock;
    this.#once = once;
    this.#devices = devices;
    this.#slots = new WorkSlots(devices, () => this.#look(), station.wait);
  }

  async run(): Promise<void> {
    const { signal } = this.#station;
    const look = () => this.#look();
    signal.addEventListener('abort', look);
    try {
      while (!signal.aborted && !this.#failure) {
        this.#isAwake = false;
        await this.#round();
        if (this.#once && this.#running.size === 0 && !this.#isAwake && !this.#looksAgain()) break;
        await this.#rest();
      }
    } finally {
      signal.removeEventListener('abort', look);
      // Each stops at a point from which it can go on; one that waits for its store might do so for ever.
      if (this.#failure) for (const { stop } of this.#running.values()) stop();
      await Promise.all([...this.#running.values()].map(({ ended }) => ended));
    }
    if (this.#failure) throw this.#failure;
    if (this.#wasInterrupted) throw new Interrupted();
  }

  /** Looks at the dock at once, not only after a while. */
  #look(): void {
    this.#isAwake = true;
    this.#wake();
  }

  /** Whether a device waits only because another station was faster. */
  #looksAgain(): boolean {
    const memories = [...this.#memories.values()];
    return memories.some(({ lostClaims }) => lostClaims > 0 && lostClaims <= LOST_CLAIMS_MAX);
  }

  async #rest(): Promise<void> {
    if (this.#isAwake || this.#failure) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Looks at every device once and begins what there is a turn for. */
  async #round(): Promise<void> {
    try {
      const alone = await this.#withoutDuplicates(this.#seenDevices());
      // A dock may hold hundreds of empty devices, and the console is asked about each.
      await this.#beginWorks(alone.filter(({ label }) => label));
      await this.#beginWorks(alone.filter(({ label }) => !label));
      this.#isDown = false;
    } catch (error) {
      this.#onConsoleDown(error);
    }
  }

  async #beginWorks(seen: readonly SeenDevice[]): Promise<void> {
    const tasks: [SeenDevice, Task & { work: WatchWork }][] = [];
    for (const device of seen) {
      if (this.#station.signal.aborted) return;
      // A job that waits for an empty device gets one, and the next job the next.
      const begun = [...this.#running.values()].map(({ jobId }) => jobId);
      const taken = new Set([...begun, ...tasks.map(([, { jobId }]) => jobId)]);
      const task = await this.#taskOf(device, taken);
      if (task && task.work !== 'wait') tasks.push([device, { ...task, work: task.work }]);
    }
    const atOnce = Math.min(this.#devices, this.#running.size + tasks.length);
    for (const [device, task] of tasks.slice(0, this.#slots.free))
      this.#begin(device, task, atOnce);
  }

  /** The console is down for all devices at once: it is said once, and nothing new begins meanwhile. */
  #onConsoleDown(error: unknown): void {
    if (this.#once || !isWaybillError(error, 'ConsoleUnreachable')) {
      this.#failure ??= error;
      return;
    }
    if (!this.#isDown) this.#station.output.note(error.message);
    this.#isDown = true;
  }

  #seenDevices(): SeenDevice[] {
    const { devices, isCut } = listDock(this.#dock);
    if (isCut && !this.#isCut)
      this.#station.output.note(
        `${this.#dock} holds so much that not all of it is looked at; take away what is no device`,
      );
    this.#isCut = isCut;
    for (const name of this.#memories.keys())
      if (!devices.includes(name)) this.#memories.delete(name);
    return devices.flatMap((name) => {
      const path = join(this.#dock, name);
      try {
        return [{ name, path, ...sightOf(path) }];
      } catch (error) {
        if (!this.#isLeftAlone(name)) this.#failed(name, error);
        return [];
      }
    });
  }

  async #withoutDuplicates(seen: readonly SeenDevice[]): Promise<SeenDevice[]> {
    const labels = seen.map(({ name, label }) => [name, label ? idsOf(label) : []] as const);
    const shared = sharedIds(new Map(labels));
    const doubtful = new Set([...shared.values()].flat());
    for (const [id, names] of shared) {
      const note = `${names.join(' and ')} carry the id ${id}`;
      for (const name of names) {
        this.#running.get(name)?.stop();
        this.#say(name, `${note}; connect the right one alone`);
      }
      const jobIds = seen.flatMap(({ name, label }) =>
        label && names.includes(name) ? [label.jobId] : [],
      );
      await reportDuplicates(this.#station, jobIds, note);
    }
    return seen.filter(({ name }) => !doubtful.has(name));
  }

  async #taskOf(device: SeenDevice, taken: ReadonlySet<string>): Promise<Task | undefined> {
    const { name } = device;
    if (this.#running.has(name) || this.#isLeftAlone(name)) return undefined;
    try {
      const task = await taskOf(this.#station, device, taken);
      this.#memoryOf(name).lostClaims =
        task?.work === 'prepare' ? this.#memoryOf(name).lostClaims : 0;
      if (!task) this.#say(name, 'no job needs it now');
      else if (task.work === 'wait') this.#say(name, task.why);
      return task;
    } catch (error) {
      if (isWaybillError(error, 'ConsoleUnreachable')) throw error;
      this.#failed(name, error);
      return undefined;
    }
  }

  #begin({ name, path }: SeenDevice, { work, jobId }: Task & { work: WatchWork }, atOnce: number) {
    const turn = this.#slots.begin();
    const stopping = new AbortController();
    let waitedMs = 0;
    const signal = AbortSignal.any([this.#station.signal, stopping.signal]);
    const station: Station = {
      ...this.#station,
      signal,
      wait: async (ms, stopped) => {
        waitedMs += ms;
        if (this.#once && waitedMs > WAIT_MS_MAX) {
          this.#memoryOf(name).notBeforeMs = Number.POSITIVE_INFINITY;
          stopping.abort();
        }
        await turn.wait(ms, stopped);
      },
      output: outputOfDevice(this.#station.output, name),
      workers: workersOf(this.#station, atOnce),
    };
    this.#say(name, `${work} for job ${jobId}`);
    const ended = WORKS[work](station, jobId, path)
      .then(
        () => this.#memories.delete(name),
        (error: unknown) => {
          this.#ended(name, error, signal);
          // The job has another device now, or soon: there may be one that has none.
          if (work === 'prepare' && isWaybillError(error, 'AlreadyClaimed', 'WrongDevice'))
            this.#lostClaim(name);
        },
      )
      .finally(() => {
        this.#running.delete(name);
        turn.end();
        this.#look();
      })
      .then(() => undefined);
    this.#running.set(name, { jobId, ended, stop: () => stopping.abort() });
  }

  #ended(name: string, error: unknown, signal: AbortSignal): void {
    if (this.#station.signal.aborted) this.#wasInterrupted = true;
    // The next look finds that the console is down, and says so.
    else if (!signal.aborted && !isWaybillError(error, 'ConsoleUnreachable'))
      this.#failed(name, error);
  }

  #failed(name: string, error: unknown): void {
    const memory = this.#memoryOf(name);
    this.#say(
      name,
      isWaybillError(error) ? `${error.message}; ${nextOfRetried(error)}` : redact(`${error}`),
    );
    memory.notBeforeMs = Date.now() + Math.min(AGAIN_MS * 2 ** memory.failures, AGAIN_MS_MAX);
    memory.failures += 1;
  }

  #lostClaim(name: string): void {
    const memory = this.#memoryOf(name);
    memory.lostClaims += 1;
    if (memory.lostClaims <= LOST_CLAIMS_MAX) memory.notBeforeMs = Date.now() + LOOK_MS / 2;
  }

  #isLeftAlone(name: string): boolean {
    return Date.now() < this.#memoryOf(name).notBeforeMs;
  }

  #memoryOf(name: string): Memory {
    const memory = this.#memories.get(name) ?? {
      lastReason: '',
      failures: 0,
      notBeforeMs: 0,
      lostClaims: 0,
    };
    this.#memories.set(name, memory);
    return memory;
  }

  #say(name: string, text: string): void {
    const memory = this.#memoryOf(name);
    if (text !== memory.lastReason) this.#station.output.note(`${name}: ${text}`);
    memory.lastReason = text;
  }
}

const idsOf = ({ deviceId, volumeId }: { deviceId: string; volumeId: string }) => [
  deviceId,
  volumeId,
];

/** Threads for one of several devices. */
function workersOf({ workers = defaultWorkers() }: Station, devices: number): number {
  return workers === 0 ? 0 : Math.max(1, Math.floor(workers / devices));
}
