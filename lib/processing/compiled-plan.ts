import { createHash } from 'node:crypto';
import type { PlanStep, ProcessingPlan } from '../domain/processing.ts';
import type { ProcessingResults } from '../domain/processing-results.ts';
import { stepRule } from '../domain/processing-steps.ts';
import { globMatcher } from './globs.ts';
import { fillTemplate, keyParts, templateFiller } from './key-template.ts';

/** A step with what is worked out once. */
export interface CompiledStep {
  plan: PlanStep;
  /** SHA-256, hex: of a function's code, else of the step's name and options. */
  digest: string;
  matches(key: string): boolean;
  /** The key of an output; `output` is what a function calls it. */
  nameOf(key: string, output?: string): string;
  /** The key of the list that an object gets a line in. */
  listOf(key: string): string | undefined;
}

interface Candidate {
  key: string;
  bytes: number;
  mtimeNs: bigint;
}

export class CompiledPlan {
  readonly plan: ProcessingPlan;
  readonly steps: readonly CompiledStep[];
  /** How many steps filter: they come first. */
  readonly filters: number;
  readonly #filters: ((object: Candidate) => boolean)[];

  constructor(plan: ProcessingPlan) {
    this.plan = plan;
    this.steps = plan.steps.map(compileStep);
    this.#filters = plan.steps.filter(({ step }) => step === 'filter').map(filterOf);
    this.filters = this.#filters.length;
  }

  /** Adds to `results` what the filters did with an object. Whether it is taken. */
  filter(object: Candidate, results: ProcessingResults): boolean {
    const { bytes } = object;
    results.inputs.objects += 1;
    results.inputs.bytes += bytes;
    for (let i = 0; i < this.filters; i += 1) {
      const step = results.steps[i];
      if (!step) break;
      step.objectsIn += 1;
      step.bytesIn += bytes;
      if (!this.#filters[i]?.(object)) return false;
      step.objectsOut += 1;
      step.bytesOut += bytes;
    }
    return true;
  }

  /** The first step from `from` on that works on a key. Folders have none. */
  next(key: string, from = this.filters): number | undefined {
    if (key.endsWith('/')) return undefined;
    const at = this.steps.findIndex((step, i) => i >= from && step.matches(key));
    return at < 0 ? undefined : at;
  }

  /**
   * Keys that an object will have on the volume, and that of the list it will be in, as far as they are known before
   * its steps ran.
   */
  keysOf(key: string): { keys: string[]; list?: string | undefined } {
    if (this.next(key) === undefined) return { keys: [key] };
    const { made, list } = this.#made(key, this.filters);
    if (this.plan.originals === 'replace') return { keys: [key], list };
    return { keys: this.plan.originals === 'keep' ? [key, ...made] : made, list };
  }

  #made(key: string, from: number, list?: string): { made: string[]; list?: string | undefined } {
    const at = this.next(key, from);
    const step = at === undefined ? undefined : this.steps[at];
    if (!step || at === undefined) return { made: [key], list };
    if (stepRule(step.plan.step).makes === 'many') return { made: [] };
    return this.#made(step.nameOf(key), at + 1, step.listOf(key));
  }
}

function compileStep(plan: PlanStep): CompiledStep {
  const rule = stepRule(plan.step);
  const globs = Array.isArray(plan.match) ? (plan.match as string[]) : rule.match;
  const template = typeof plan.name === 'string' ? plan.name : (rule.name ?? '{key}');
  const name = templateFiller(template, plan);
  const list = typeof plan.list === 'string' ? templateFiller(plan.list, plan) : undefined;
  return {
    plan,
    digest: stepDigest(plan),
    matches: globMatcher(globs.map((glob) => fillTemplate(glob, plan))),
    nameOf: (key, output = key) => name({ ...keyParts(key), output }),
    listOf: (key) => list?.(keyParts(key)),
  };
}

/** What tells two steps apart: SHA-256, hex, of a function's code, else of name and options. */
export function stepDigest(plan: PlanStep): string {
  const sorted = Object.entries(plan).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = typeof plan.code === 'string' ? plan.code : JSON.stringify(sorted);
  return createHash('sha256').update(text).digest('hex');
}

function filterOf(plan: PlanStep): (object: Candidate) => boolean {
  const globs = (value: unknown) => (Array.isArray(value) ? globMatcher(value) : undefined);
  const ns = (value: unknown) =>
    typeof value === 'string' ? BigInt(Date.parse(value)) * 1_000_000n : undefined;
  const number = (value: unknown) => (typeof value === 'number' ? value : undefined);
  const [include, exclude] = [globs(plan.include), globs(plan.exclude)];
  const [after, before] = [ns(plan.modifiedAfter), ns(plan.modifiedBefore)];
  const [min, max] = [number(plan.minBytes), number(plan.maxBytes)];
  return ({ key, bytes, mtimeNs }) => {
    if (min !== undefined && bytes < min) return false;
    if (max !== undefined && bytes > max) return false;
    if (after !== undefined && mtimeNs < after) return false;
    if (before !== undefined && mtimeNs >= before) return false;
    const name = key.endsWith('/') ? key.slice(0, -1) : key;
    return (!include || include(name)) && !exclude?.(name);
  };
}
