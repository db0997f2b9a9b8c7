import { WaybillError } from '../domain/errors.ts';
import { onlyFilters, type ProcessingPlan } from '../domain/processing.ts';
import { addResult, noResults, type ProcessingResults } from '../domain/processing-results.ts';
import { stepRule } from '../domain/processing-steps.ts';
import { CompiledPlan } from '../processing/compiled-plan.ts';
import { checkHost } from '../processing/start-steps.ts';
import { readMeta } from '../volume/record-meta.ts';
import type { ObjectRecord } from '../volume/records.ts';
import type { LoadOptions } from './load.ts';
import type { ProcessingSetup } from './process-object.ts';
import type { ScanEntry } from './scan-list.ts';
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
    const { outputs, steps } = this.results;
    outputs.objects += 1;
    outputs.bytes += record.bytes;
    if (this.#transforms) this.#known.add(record.key, true);
    const meta = readMeta(record);
    if (meta?.kept) {
      this.kept.push({ key: record.key, ...meta.kept });
      this.results.kept += 1;
      this.#claims.add(record.key, true);
    }
    // Keys that a function chose are nowhere but here.
    if (meta?.steps?.some(({ step }) => step === 'function')) this.#claims.add(record.key, true);
    for (const [at, ...work] of meta?.work ?? []) {
      const step = steps[at];
      if (step) addResult(step, workOf(work));
    }
  };

  /** Whether a filter leaves an object out. Throws OutputClash when its outputs have the key of another object. */
  leavesOut(entry: Omit<ScanEntry, 'replaces'>): boolean {
    const key = entry.key.toString();
    if (!this.#plan.filter({ ...entry, key }, this.results)) return true;
    if (!this.#transforms) return false;
    this.#scanned += 1;
    for (const name of this.#plan.keysOf(key)) {
      if (!this.#claims.add(name, true)) throw new WaybillError('OutputClash', { key: name });
    }
    return false;
  }

  /** What the threads are given; undefined when all is done with the scan. */
  setup({ keyRules }: Pick<LoadOptions, 'keyRules'>): ProcessingSetup | undefined {
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

const workOf = (numbers: readonly number[]) => {
  const [objectsIn = 0, bytesIn = 0, objectsOut = 0, bytesOut = 0, failures = 0, ms = 0] = numbers;
  return { objectsIn, bytesIn, objectsOut, bytesOut, failures, ms };
};
