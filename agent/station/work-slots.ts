import { pause } from '../host/signals.ts';

/** Who works on a device now. A turn is held by one piece of work, and can be given away while that waits. */
export interface Turn {
  /** Waits so many milliseconds, or until the signal aborts, and lets another device go on meanwhile. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  end(): void;
}

/** How many devices a station works on at once. Who waits for a turn gets it first come first served. */
export class WorkSlots {
  #free: number;
  readonly #queue: (() => void)[] = [];
  readonly #onFree: () => void;
  readonly #pause: Turn['wait'];

  /** `onFree` is called whenever a turn is to be had. */
  constructor(slots: number, onFree: () => void, wait: Turn['wait'] = pause) {
    this.#free = slots;
    this.#onFree = onFree;
    this.#pause = wait;
  }

  /** Turns that can begin now: those whose wait is over come before new ones. */
  get free(): number {
    return Math.max(0, this.#free - this.#queue.length);
  }

  /** Call it only while something is free. */
  begin(): Turn {
    this.#free -= 1;
    let isHeld = true;
    const give = () => {
      if (!isHeld) return;
      isHeld = false;
      this.#give();
    };
    const wait = async (ms: number, signal: AbortSignal) => {
      give();
      await this.#pause(ms, signal);
      isHeld = await this.#take(signal);
    };
    return { wait, end: give };
  }

  #give(): void {
    this.#free += 1;
    const next = this.#queue.shift();
    if (next) next();
    else this.#onFree();
  }

  /** False when the signal aborted before there was a turn. */
  async #take(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#free > 0 && this.#queue.length === 0) {
      this.#free -= 1;
      return true;
    }
    return new Promise((resolve) => {
      const go = () => {
        signal.removeEventListener('abort', leave);
        this.#free -= 1;
        resolve(true);
      };
      const leave = () => {
        this.#queue.splice(this.#queue.indexOf(go), 1);
        resolve(false);
      };
      this.#queue.push(go);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}
