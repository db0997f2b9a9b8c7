import { WaybillError } from '../../domain/errors.ts';
import { type KeyRules, keyProblem } from '../../domain/object-keys.ts';
import type { ProcessingPlan } from '../../domain/processing.ts';
import { addObject, noResults, type ProcessingResults } from '../../domain/processing-results.ts';
import { stepRule } from '../../domain/processing-steps.ts';
import { CompiledPlan } from '../../processing/compiled-plan.ts';
import { type RunningStep, StepFailure } from '../../processing/object-stream.ts';
import { type MadeObject, runSteps } from '../../processing/run-steps.ts';
import { startSteps } from '../../processing/start-steps.ts';
import {
  encodeMeta,
  type RecordMeta,
  type SourceState,
  type StepWork,
} from '../../volume/catalog/record-metadata.ts';
import type { ScanEntry } from '../scan/scan-list.ts';
import { OutputGroup } from './output-group.ts';
import type { ProcessingThread } from './processing-thread.ts';
import { type KeysShared, SharedKeys } from './shared-keys.ts';
import { SourceBody } from './source-body.ts';

/** What a thread needs to process. Plain data. */
export interface ProcessingSetup {
  plan: ProcessingPlan;
  network: boolean;
  keyRules: KeyRules;
  /** Keys that objects of this load have, or will have. */
  claims: KeysShared;
  /** Keys that the volume has records of. */
  known: KeysShared;
}

/** Processing in one thread. */
export class Processor {
  readonly plan: CompiledPlan;
  readonly #setup: ProcessingSetup;
  readonly #claims: SharedKeys;
  readonly #known: SharedKeys;
  #running: RunningStep[] | undefined;
  #results: ProcessingResults;
  /** Of the object that failed last. */
  #failedWork: StepWork[] = [];
  /** Keys that the outputs of an object got, for when it is processed again. */
  #claimed = { of: '', keys: new Set<string>() };

  constructor(setup: ProcessingSetup) {
    this.#setup = setup;
    this.plan = new CompiledPlan(setup.plan);
    this.#claims = new SharedKeys(setup.claims);
    this.#known = new SharedKeys(setup.known);
    this.#results = noResults(setup.plan);
  }

  /** What the steps did since the last call. */
  takeResults(): ProcessingResults {
    const results = this.#results;
    this.#results = noResults(this.#setup.plan);
    return results;
  }

  /** Whether a step works on the object. */
  works(entry: ScanEntry): boolean {
    return this.plan.next(entry.key.toString()) !== undefined;
  }

  /**
   * Puts what the steps make of an object on the volume: all of it, or nothing. False when the object changed while
   * it was read. Throws StepFailure, and what reading and writing throw.
   */
  async process(thread: ProcessingThread, entry: ScanEntry, afresh: boolean): Promise<boolean> {
    const making = new OutputGroup(thread, entry, this.#setup.keyRules);
    const { plan } = this;
    const results = noResults(plan.plan);
    const object = await thread.open(entry, afresh);
    const source = new SourceBody(object, thread);
    const key = entry.key.toString();
    if (this.#claimed.of !== key) this.#claimed = { of: key, keys: new Set() };
    try {
      const { originals } = plan.plan;
      if (originals === 'keep') await this.#keepOriginal(making, entry, afresh);
      const { bytes, mtimeNs } = object;
      const input = { key, bytes, mtimeNs, body: source.body(), through: [] };
      this.#running ??= startSteps(plan, { network: this.#setup.network });
      let outputs = 0;
      for await (const made of runSteps({ plan, running: this.#running, results }, input)) {
        outputs += 1;
        if (originals === 'replace' && outputs > 1)
          throw new StepFailure(this.#last(made), 'it made several objects of one');
        const name = originals === 'replace' ? key : made.key;
        this.#checkKey(making, made, name);
        await making.write(made, name, this.#known.has(name));
      }
      await source.drain();
      if (source.bytes !== object.bytes || (await object.changed())) {
        making.undo();
        source.uncount();
        return false;
      }
      const state: SourceState = { key, bytes, mtimeNs, sha256: source.sha256() };
      making.release((made, i) => this.#meta(made, state, i === 0 ? results : undefined));
      addObject(this.#results, results, 'made');
      return true;
    } catch (error) {
      making.undo();
      if (error instanceof StepFailure) {
        source.uncount();
        this.#addFailed(results);
      }
      throw error;
    } finally {
      await object.close();
    }
  }

  /** What the record of an original says whose step failed. Throws StepFailed when its key is taken. */
  keptMeta(entry: ScanEntry, failure: StepFailure): Record<string, unknown> {
    const key = entry.key.toString();
    const free = this.plan.keysOf(key).keys.includes(key) || this.#claims.add(key);
    if (!free) {
      const detail = `${failure.detail}; another object has its key`;
      throw new WaybillError('StepFailed', { step: failure.step, detail });
    }
    this.#results.kept += 1;
    const { step, detail } = failure;
    return encodeMeta({ kept: { step, detail }, work: this.#failedWork });
  }

  async close(): Promise<void> {
    for (const running of this.#running ?? []) await running.close?.();
  }

  /** The original, read a second time: its bytes go by in order with those of the outputs. */
  async #keepOriginal(making: OutputGroup, entry: ScanEntry, afresh: boolean): Promise<void> {
    const object = await making.thread.open(entry, afresh);
    try {
      const source = new SourceBody(object, making.thread, false);
      const { bytes, mtimeNs } = object;
      const key = entry.key.toString();
      await making.write(
        { key, bytes, mtimeNs, body: source.body(), through: [] },
        key,
        entry.replaces,
      );
    } finally {
      await object.close();
    }
  }

  #last(made: MadeObject) {
    const at = made.through.at(-1) ?? 0;
    return this.plan.steps[at]?.plan.step ?? 'function';
  }

  /** Names that a function chose are known only now. */
  #checkKey(making: OutputGroup, made: MadeObject, name: string): void {
    const problem = keyProblem(Buffer.from(name), making.keyRules);
    if (problem) throw new StepFailure(this.#last(made), `the key ${name}: ${problem}`);
    const chosen = made.through.some((at) => {
      const step = this.plan.steps[at];
      return step !== undefined && stepRule(step.plan.step).makes === 'many';
    });
    if (!chosen || this.#claimed.keys.has(name)) return;
    if (name.endsWith('/'))
      throw new StepFailure(this.#last(made), `the key ${name}: a directory has no bytes`);
    if (!this.#claims.add(name))
      throw new StepFailure(this.#last(made), `another object has the key ${name}`);
    this.#claimed.keys.add(name);
  }

  #meta(made: MadeObject, source: SourceState, results: ProcessingResults | undefined) {
    const { contentEncoding, contentType, listed } = made;
    const meta: RecordMeta = {
      source,
      steps: made.through.flatMap((at) => {
        const step = this.plan.steps[at];
        if (!step) return [];
        const { version } = stepRule(step.plan.step);
        return [{ step: step.plan.step, version, digest: step.digest }];
      }),
      ...(contentEncoding && { contentEncoding }),
      ...(contentType && { contentType }),
      ...(results && { work: workOf(results) }),
      ...(listed && { listed }),
    };
    return encodeMeta(meta);
  }

  /** What a failed run of the steps made is not on the volume. */
  #addFailed(results: ProcessingResults): void {
    for (const step of results.steps) Object.assign(step, { objectsOut: 0, bytesOut: 0 });
    this.#failedWork = workOf(results);
    addObject(this.#results, results, 'failed');
  }
}

const workOf = ({ steps }: ProcessingResults): StepWork[] =>
  steps.flatMap((step, at): StepWork[] => {
    const { objectsIn, bytesIn, objectsOut, bytesOut, failures, ms } = step;
    if (objectsIn === 0) return [];
    return [[at, objectsIn, bytesIn, objectsOut, bytesOut, failures, Math.round(ms * 1000) / 1000]];
  });
