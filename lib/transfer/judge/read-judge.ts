import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { objectFault } from '../../domain/object-attempts.ts';
import { refusalFacts, STORE_REFUSALS, type StoreRefusal } from '../../domain/store-refusals.ts';
import { openStore } from '../../stores/open.ts';
import type { Store } from '../../stores/store.ts';
import type { StoreSource } from '../scan/source-spec.ts';

/** How many other objects are tried before it is the store that gives none. */
const OTHERS_MAX = 3;

/**
 * Says of an error of an export whether it is one object's or the store's as a whole: not by the error, but by reading
 * another object after it. As `StoreJudge`, for a store that may not be written to.
 */
export class ReadJudge {
  readonly #source: StoreSource;
  #store: Store | undefined;
  /** The last object that could be read. */
  #known: Buffer | undefined;

  readonly #signal: AbortSignal;

  constructor(source: StoreSource, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
  }

  /** An object was read. */
  note(key: Buffer): void {
    this.#known = key;
  }

  /** `object` when another one can be read. Throws what the store says when none can. */
  async judge(key: Buffer): Promise<'object'> {
    this.#store ??= openStore(this.#source.spec, this.#signal);
    let refusal: WaybillError | undefined;
    for await (const other of this.#others(key)) {
      try {
        const reader = await this.#store.open(other);
        await reader.read(Buffer.alloc(1), 0, 1);
        await reader.close();
        this.#known = other;
        return 'object';
      } catch (error) {
        if (!isWaybillError(error) || objectFault(error.code) !== 'doubtful') {
          // Archived or gone meanwhile: the store answers, and means that one object.
          if (isWaybillError(error) && objectFault(error.code) === 'own') return 'object';
          throw error;
        }
        refusal = error;
      }
    }
    // Nothing else is there to be tried; that the store lists it has shown that it answers.
    if (refusal === undefined) return 'object';
    throw asWhole(refusal);
  }

  async close(): Promise<void> {
    await this.#store?.close();
  }

  async *#others(key: Buffer): AsyncGenerator<Buffer> {
    if (this.#known && !this.#known.equals(key)) yield this.#known;
    const { prefix, begin, end, without } = this.#source;
    const listing = this.#store?.list({ prefix, begin, end, without, bare: true }) ?? [];
    let tried = 0;
    for await (const { key: other, bytes } of listing) {
      if (bytes === 0 || other.equals(key) || this.#known?.equals(other)) continue;
      yield other;
      tried += 1;
      if (tried === OTHERS_MAX) return;
    }
  }
}

/** What was said of each object is said of all of them. */
function asWhole(error: WaybillError): WaybillError {
  if (error.code !== 'ObjectRefused') return error;
  const { refusal, detail } = error.facts;
  const kind =
    (Object.keys(STORE_REFUSALS) as StoreRefusal[]).find((name) => name === refusal) ?? 'right';
  return new WaybillError('StoreRefuses', refusalFacts(kind, String(detail)), { cause: error });
}
