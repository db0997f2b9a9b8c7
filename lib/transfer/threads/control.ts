/** Counters and the stop flag that the threads of one transfer share. Counts are objects and bytes. */

/**
 * `large` is how many large objects are being copied at the moment; `objects` and `bytes` were read, and `written`
 * bytes and objects were put on the volume, which differs where objects are processed. `landed` is how many objects a
 * store took, or gave, and `landedBytesMax` the size of the largest of them.
 */
const FIELDS = [
  'stop',
  'nextNumber',
  'objects',
  'bytes',
  'written',
  'writtenObjects',
  'skipped',
  'failed',
  'large',
  'landed',
  'landedBytesMax',
] as const;
type Field = (typeof FIELDS)[number];
const INDEX = Object.fromEntries(FIELDS.map((field, i) => [field, i])) as Record<Field, number>;

export class Control {
  readonly shared: SharedArrayBuffer;
  readonly #words: BigInt64Array;

  constructor(shared = new SharedArrayBuffer(FIELDS.length * 8)) {
    this.shared = shared;
    this.#words = new BigInt64Array(shared);
  }

  /** Adds and returns the new value. */
  add(field: Field, by: number): number {
    return Number(Atomics.add(this.#words, INDEX[field], BigInt(by))) + by;
  }

  get(field: Field): number {
    return Number(Atomics.load(this.#words, INDEX[field]));
  }

  /** A store took an object of so many bytes, or gave it. */
  land(bytes: number): void {
    const at = INDEX.landedBytesMax;
    let largest = Atomics.load(this.#words, at);
    while (largest < BigInt(bytes)) {
      const found = Atomics.compareExchange(this.#words, at, largest, BigInt(bytes));
      if (found === largest) break;
      largest = found;
    }
    this.add('landed', 1);
  }

  /** Threads stop at the next point from which a later run can go on. */
  stop(): void {
    Atomics.store(this.#words, INDEX.stop, 1n);
  }

  get stopped(): boolean {
    return Atomics.load(this.#words, INDEX.stop) !== 0n;
  }

  /** Segment and page numbers, each given once. */
  nextNumber(): number {
    return this.add('nextNumber', 1);
  }
}

const LOOK_MS = 100;

/**
 * A signal that aborts when a transfer is told to stop, in whichever of its threads. `end` when nobody listens to it
 * any more.
 */
export function stopSignal(control: Control): { signal: AbortSignal; end(): void } {
  const stop = new AbortController();
  // Nothing in shared memory wakes a thread that waits for its network.
  const timer = setInterval(() => {
    if (!control.stopped) return;
    clearInterval(timer);
    stop.abort();
  }, LOOK_MS);
  timer.unref();
  return { signal: stop.signal, end: () => clearInterval(timer) };
}

/** Stops a transfer when a signal aborts. Returns what takes the connection away again. */
export function stopOn(signal: AbortSignal | undefined, control: Control): () => void {
  const stop = () => control.stop();
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  return () => signal?.removeEventListener('abort', stop);
}
