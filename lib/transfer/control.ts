/** Counters and the stop flag that the threads of one transfer share. Counts are objects and bytes. */

/**
 * `large` is how many large objects are being copied at the moment; `objects` and `bytes` were read, and `written`
 * bytes and objects were put on the volume, which differs where objects are processed.
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

/** Stops a transfer when a signal aborts. Returns what takes the connection away again. */
export function stopOn(signal: AbortSignal | undefined, control: Control): () => void {
  const stop = () => control.stop();
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  return () => signal?.removeEventListener('abort', stop);
}

/** Thrown inside a thread when it was told to stop. */
export class Stopped extends Error {
  constructor() {
    super('stopped');
    this.name = 'AbortError';
  }
}
