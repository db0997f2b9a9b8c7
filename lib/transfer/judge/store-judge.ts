import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { goesBy, refusedBytesOf } from '../../domain/store-refusals.ts';
import type { ProbeForm, Store } from '../../stores/store.ts';

/** A probe that runs, and the one that waits for its end. */
interface Probing {
  running: Promise<number>;
  next: Promise<number> | undefined;
}

/** What is tried in place of an object. */
interface Sample {
  bytes: number;
  form: ProbeForm;
  /** The size of the objects that it stands for, at least; 0 when it stands for all. */
  refusedBytes: number;
}

type ProbedStore = Pick<Store, 'probe' | 'partsOver'>;

const SLASH = 0x2f;

/**
 * Says of an error whether it is one object's or the store's as a whole: not by the error, but by the store's own probe, run
 * after it. Many objects that fail at once share a probe.
 */
export class StoreJudge {
  readonly #store: ProbedStore;
  /** The prefix of the job: where its objects begin. */
  readonly #home: Buffer;
  readonly #probes = new Map<string, Probing>();

  constructor(store: ProbedStore, prefix: string) {
    this.#store = store;
    this.#home = Buffer.from(prefix);
  }

  /**
   * `object`: another one beside it would be taken. `folder`: none in its folder, but others of the job. Throws what the
   * store says when it takes none at all, or none as large (`refusedBytesOf`).
   */
  async judge(key: Buffer, bytes: number, error: WaybillError): Promise<'object' | 'folder'> {
    const stem = this.#stemOf(key);
    const sample = this.#sampleOf(bytes, error);
    let isFolders = false;
    const tried = await this.#probed(stem, sample).catch((refusal: unknown) => {
      if (!isWaybillError(refusal) || stem.equals(this.#home)) throw refusal;
      // Of room, another place in the store says nothing: there may just have come some.
      isFolders = goesBy(refusal) !== 'room';
      return this.#probed(this.#home, sample);
    });
    // What has room for as much as a probe may have none for an object that is larger.
    if (goesBy(error) === 'room' && tried < bytes) throw refusing(error, bytes);
    return isFolders ? 'folder' : 'object';
  }

  /** What stands for an object that was refused so. */
  #sampleOf(bytes: number, error: WaybillError): Sample {
    const { partsOver = Number.POSITIVE_INFINITY } = this.#store;
    const form = bytes > partsOver ? 'parts' : 'whole';
    // All that goes in parts is alike where it is not room that is short.
    const likeBytes = Math.min(bytes, partsOver + 1);
    const kind = goesBy(error);
    if (kind) return { bytes, form, refusedBytes: kind === 'room' ? bytes : likeBytes };
    return { bytes: 1, form, refusedBytes: form === 'parts' ? likeBytes : 0 };
  }

  /** What lies beside a key: its folder, within the prefix. */
  #stemOf(key: Buffer): Buffer {
    const folder = key.subarray(0, key.lastIndexOf(SLASH) + 1);
    return folder.length > this.#home.length ? folder : this.#home;
  }

  /** A probe that began after this call. */
  #probed(stem: Buffer, sample: Sample): Promise<number> {
    const name = `${stem.toString('latin1')} ${sample.form} ${sample.bytes}`;
    const probing = this.#probes.get(name);
    if (!probing) return this.#begin(name, stem, sample);
    probing.next ??= probing.running
      .catch(() => undefined)
      .then(() => this.#begin(name, stem, sample));
    return probing.next;
  }

  #begin(name: string, stem: Buffer, { bytes, form, refusedBytes }: Sample): Promise<number> {
    const probe = async () => {
      try {
        return await this.#store.probe(stem, bytes, form);
      } catch (error) {
        throw isWaybillError(error) ? refusing(error, refusedBytes) : error;
      }
    };
    const probing: Probing = { running: probe(), next: undefined };
    this.#probes.set(name, probing);
    const forget = () => {
      if (!probing.next) this.#probes.delete(name);
    };
    probing.running.then(forget, forget);
    return probing.running;
  }
}

/** The error of a store that takes nothing of this size or more. */
function refusing(error: WaybillError, refusedBytes: number): WaybillError {
  if (refusedBytes <= refusedBytesOf(error)) return error;
  return new WaybillError(error.code, { ...error.facts, refusedBytes }, { cause: error });
}
