import { WaybillError } from '../../domain/errors.ts';
import { invariant } from '../../domain/invariant.ts';
import type { KeyRules } from '../../domain/object-keys.ts';
import { onlyFilters, type ProcessingPlan } from '../../domain/processing.ts';
import { addResult, noResults, type ProcessingResults } from '../../domain/processing-results.ts';
import { stepRule } from '../../domain/processing-steps.ts';
import { CompiledPlan } from '../../processing/compiled-plan.ts';
import { checkHost } from '../../processing/start-steps.ts';
import { type RecordMeta, readMeta } from '../../volume/catalog/record-metadata.ts';
import type { ObjectRecord } from '../../volume/catalog/records.ts';
import { KeyTable } from '../../volume/index/key-table.ts';
import type { LoadedIndex } from '../../volume/index/load-index.ts';
import type { Volume } from '../../volume/volume.ts';
import type { ScanEntry } from '../scan/scan-list.ts';
import type { ProcessingSetup } from './processor.ts';
import { SharedKeys } from './shared-keys.ts';

/** What the host's owner allows: the plan of the manifest, and whether its functions may use the network. */
export interface AllowedProcessing {
  plan: ProcessingPlan;
  network: boolean;
}

/** Keys that functions may choose, for each object that is scanned: some hosts have little memory. */
const CHOSEN_KEYS_MAX = 4_000_000;

/**
 * The processing of one load, on its main thread: which objects are chosen, which keys will be there, and what the
 * steps did in this run and in those before it, as the volume tells.
 */
export class ScanProcessing {
  readonly results: ProcessingResults;
  /** Originals on the volume whose step failed, in an earlier run. */
  readonly kept: { key: Buffer; step: string; detail: string }[] = [];
  readonly #allowed: AllowedProcessing;
  readonly #plan: CompiledPlan;
  readonly #transforms: boolean;
  readonly #claims = new SharedKeys();
  readonly #known = new SharedKeys();
  /** Keys of the objects that the volume holds something of. */
  readonly #sources = new KeyTable();
  /** Those of them that are no longer what they were, or that a filter leaves out now. */
  readonly #stale = new KeyTable();
  /** Lists of checksums that objects of the source will be in. */
  readonly #lists = new KeyTable();
  /** Whether there are keys on the volume that only the volume tells. */
  #hasOwnKeys = false;
  #scanned = 0;

  constructor(allowed: AllowedProcessing) {
    this.#allowed = allowed;
    this.#plan = new CompiledPlan(allowed.plan);
    this.#transforms = !onlyFilters(allowed.plan);
    this.results = noResults(allowed.plan);
  }

  /** Throws ProcessingUnavailable, ProcessingInvalid. */
  checkHost(): Promise<void> {
    return checkHost(this.#plan);
  }

  /** Whether the scan tells how many bytes there will be at least. */
  get bytesAreKnown(): boolean {
    return !this.#transforms || this.#allowed.plan.originals === 'keep';
  }

  /** A record that counts, of an earlier run. */
  addRecord = (record: ObjectRecord): void => {
    const meta = readMeta(record);
    if (meta?.lines === undefined) this.#sources.add(sourceOf(record, meta));
    if (this.#transforms) this.#known.add(record.key, true);
    if (meta?.kept || isChosen(meta)) this.#hasOwnKeys = true;
    this.#count(record, meta, 1);
  };

  #count({ bytes }: ObjectRecord, meta: RecordMeta | undefined, sign: 1 | -1): void {
    const { outputs, steps } = this.results;
    outputs.objects += sign;
    outputs.bytes += sign * bytes;
    if (meta?.kept) this.results.kept += sign;
    for (const [at, ...work] of meta?.work ?? []) {
      const step = steps[at];
      if (step) addResult(step, workOf(work, sign));
    }
  }

  /** The source has an object that is not on the volume as it is now; something that was made of it may be. */
  isAnew({ key }: Pick<ScanEntry, 'key'>): void {
    if (this.#sources.has(key)) this.#stale.add(key);
  }

  /**
   * After the scan: what is on the volume of objects that have changed does not count, and keys that only the volume
   * tells are taken. Throws OutputClash when an object of the source has one of them.
   */
  settle(index: LoadedIndex): void {
    if (this.#stale.size === 0 && !this.#hasOwnKeys) return;
    for (const record of index.again()) {
      const meta = readMeta(record);
      const source = sourceOf(record, meta);
      if (this.#stale.has(source)) {
        this.#count(record, meta, -1);
        continue;
      }
      if (meta?.kept) this.kept.push({ key: Buffer.from(record.key), ...meta.kept });
      if (!meta?.kept && !isChosen(meta)) continue;
      const isFree = this.#claims.add(record.key, true);
      if (
        isFree ||
        (meta?.kept && this.#plan.keysOf(source.toString()).keys.includes(source.toString()))
      )
        continue;
      throw new WaybillError('OutputClash', { key: record.key.toString() });
    }
  }

  /** Takes from the volume, before anything new is written, what was made of objects that have changed. */
  withdraw(index: LoadedIndex, volume: Volume): void {
    if (this.#stale.size === 0) return;
    const writer = volume.writer(index.nextNumber);
    const { groups } = writer;
    invariant(groups, 'only sealed volumes hold objects that were processed');
    for (const record of index.again())
      if (this.#stale.has(sourceOf(record, readMeta(record)))) groups.withdraw(record.key);
    writer.commit();
  }

  /** Whether a filter leaves an object out. Throws OutputClash when its outputs have the key of another object. */
  leavesOut(entry: Omit<ScanEntry, 'replaces'>): boolean {
    const key = entry.key.toString();
    const { bytes, mtimeNs } = entry;
    if (!this.#plan.filter({ key, bytes, mtimeNs }, this.results)) {
      this.isAnew(entry);
      return true;
    }
    if (!this.#transforms) return false;
    this.#scanned += 1;
    const { keys, list } = this.#plan.keysOf(key);
    for (const name of keys) this.#claim(name);
    // It has its key to itself, however many objects are in it.
    if (list !== undefined && this.#lists.add(Buffer.from(list))) this.#claim(list);
    return false;
  }

  #claim(key: string): void {
    if (!this.#claims.add(key, true)) throw new WaybillError('OutputClash', { key });
  }

  /** What the threads are given; undefined when all is done with the scan. */
  setup(keyRules: KeyRules): ProcessingSetup | undefined {
    if (!this.#transforms) return undefined;
    const { plan, network } = this.#allowed;
    const outputs = plan.steps
      .filter(({ step }) => stepRule(step).makes === 'many')
      .reduce((sum, { maxOutputs }) => sum + Number(maxOutputs), 1);
    const chosen = Math.min(this.#scanned * outputs, CHOSEN_KEYS_MAX + this.#scanned);
    const claims = this.#claims.share(chosen);
    return { plan, network, keyRules, claims, known: this.#known.share(0) };
  }

  /** The results of a load that is done, with what is on the volume; times in whole milliseconds. */
  finished(outputs: ProcessingResults['outputs']): ProcessingResults {
    const steps = this.results.steps.map((step) => ({ ...step, ms: Math.round(step.ms) }));
    return { ...this.results, outputs, steps };
  }

  /** What a thread did. */
  add({ steps, kept }: ProcessingResults): void {
    this.results.kept += kept;
    steps.forEach((step, i) => {
      const total = this.results.steps[i];
      if (total) addResult(total, step);
    });
  }
}

const workOf = (numbers: readonly number[], sign: 1 | -1) => {
  const [objectsIn = 0, bytesIn = 0, objectsOut = 0, bytesOut = 0, failures = 0, ms = 0] =
    numbers.map((n) => n * sign);
  return { objectsIn, bytesIn, objectsOut, bytesOut, failures, ms };
};

/** The key of the object that a record is, or was made of. */
const sourceOf = (record: ObjectRecord, meta: RecordMeta | undefined): Buffer =>
  meta?.source ? Buffer.from(meta.source.key) : record.key;

/** Whether a function chose the key of a record. */
const isChosen = (meta: RecordMeta | undefined): boolean =>
  meta?.steps?.some(({ step }) => step === 'function') ?? false;
