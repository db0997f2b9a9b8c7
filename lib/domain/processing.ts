import { WaybillError } from './errors.ts';
import {
  COMMON_OPTIONS,
  type OptionRule,
  STEP_NAMES,
  type StepName,
  stepRule,
} from './processing-steps.ts';
import { isWord } from './words.ts';

/** What becomes of the object that steps were applied to. */
export const ORIGINALS = {
  keep: 'the original and what was made of it',
  replace: 'what was made of it, under the original’s key',
  'leave-out': 'only what was made of it',
} as const;
export type Originals = keyof typeof ORIGINALS;

/** Bytes of a file that steps are tried on: with its plan it has to fit into one request. */
export const SAMPLE_BYTES_MAX = 256 * 1024;

/** What becomes of an object whose step fails. */
export const ON_FAILURE = {
  keep: 'the original, as it was',
  skip: 'nothing of it; the report says so',
} as const;
export type OnFailure = keyof typeof ON_FAILURE;

export interface Redaction {
  pattern: string;
  replacement: string;
}
export type OptionValue = string | number | boolean | string[] | Redaction[];

/** One step of a plan: its name, and its options with the standard values filled in. */
export type PlanStep = { step: StepName } & { [option: string]: OptionValue };

/** The processing steps of a job, in order. Signed into its manifest. */
export interface ProcessingPlan {
  originals: Originals;
  onFailure: OnFailure;
  steps: PlanStep[];
}

const STEPS_MAX = 16;
/** A manifest carries the plan, and is at most 1 MiB. */
const PLAN_CHARACTERS_MAX = 400 * 1024;
const LIST_MAX = 100;
const GLOB_MAX = 500;
const PATTERN_MAX = 1000;

/**
 * Checks a plan that came from a file, a request or a manifest, and fills in what it leaves out. Throws
 * ProcessingInvalid, which names the step and the option.
 */
export function checkPlan(value: unknown): ProcessingPlan {
  const plan = objectOf(value, 'a plan is an object with a list of steps');
  refuseUnknown(plan, ['originals', 'onFailure', 'steps'], 'the plan');
  if (!Array.isArray(plan.steps) || plan.steps.length === 0 || plan.steps.length > STEPS_MAX)
    throw invalid(`steps is a list of 1 to ${STEPS_MAX} steps`);
  const checked: ProcessingPlan = {
    originals: wordFrom(ORIGINALS, plan.originals ?? 'leave-out', 'originals'),
    onFailure: wordFrom(ON_FAILURE, plan.onFailure ?? 'keep', 'onFailure'),
    steps: plan.steps.map(checkStep),
  };
  checkOrder(checked);
  if (JSON.stringify(checked).length > PLAN_CHARACTERS_MAX)
    throw invalid(`all of it is over ${PLAN_CHARACTERS_MAX} characters`);
  return checked;
}

function checkStep(value: unknown, i: number): PlanStep {
  const at = `step ${i + 1}`;
  const { step, ...given } = objectOf(value, `${at} is not an object`);
  if (!isWord(STEP_NAMES, step)) throw invalid(`${at}: step is one of ${STEP_NAMES.join(', ')}`);
  const rules: Record<string, OptionRule> = { ...stepRule(step).options, ...COMMON_OPTIONS };
  refuseUnknown(given, Object.keys(rules), `${at} (${step})`);
  const options: [string, OptionValue][] = [];
  for (const [name, rule] of Object.entries(rules)) {
    const found = given[name] ?? ('default' in rule ? rule.default : undefined);
    if (found === undefined && rule.required) throw invalid(`${at} (${step}): ${name} is missing`);
    if (found === undefined) continue;
    const problem = optionProblem(rule, found);
    if (problem) throw invalid(`${at} (${step}): ${name} ${problem}`);
    options.push([name, found as OptionValue]);
  }
  const checked: PlanStep = { ...Object.fromEntries(options), step };
  if (step === 'convert' && checked.from === checked.to)
    throw invalid(`${at} (convert): from and to are the same`);
  return checked;
}

/** Why a value cannot be an option's, or undefined when it can. */
export function optionProblem(rule: OptionRule, value: unknown): string | undefined {
  switch (rule.kind) {
    case 'text':
      return textProblem(value, rule.max);
    case 'whole':
      return typeof value === 'number' &&
        Number.isSafeInteger(value) &&
        value >= rule.min &&
        value <= rule.max
        ? undefined
        : `is a whole number from ${rule.min} to ${rule.max}`;
    case 'word':
      return isWord(rule.words, value) ? undefined : `is one of ${rule.words.join(', ')}`;
    case 'flag':
      return typeof value === 'boolean' ? undefined : 'is true or false';
    case 'instant':
      return typeof value === 'string' && isTime(value)
        ? undefined
        : 'is a time such as 2026-01-31T00:00:00Z';
    case 'globs':
      return Array.isArray(value) && value.length > 0 && value.length <= LIST_MAX
        ? value.map((glob) => textProblem(glob, GLOB_MAX)).find((problem) => problem)
        : `is a list of 1 to ${LIST_MAX} patterns such as **/*.csv`;
    case 'patterns':
      return patternsProblem(value);
  }
}

const isTime = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text));

const textProblem = (value: unknown, max: number): string | undefined =>
  typeof value === 'string' && value.length > 0 && value.length <= max
    ? undefined
    : `is a text of 1 to ${max} characters`;

function patternsProblem(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > LIST_MAX)
    return `is a list of 1 to ${LIST_MAX} {"pattern", "replacement"}`;
  const wrong = value.find((one: unknown) => {
    if (typeof one !== 'object' || one === null) return true;
    const { pattern, replacement } = one as Partial<Record<string, unknown>>;
    const fits = typeof replacement === 'string' && replacement.length <= PATTERN_MAX;
    return textProblem(pattern, PATTERN_MAX) !== undefined || !fits;
  });
  return wrong === undefined ? undefined : 'needs a pattern and a replacement in each entry';
}

/** Which steps may follow which. */
function checkOrder({ steps, originals }: ProcessingPlan): void {
  for (const [i, { step, match }] of steps.entries()) {
    const before = steps[i - 1];
    if (step === 'filter' && before && before.step !== 'filter')
      throw invalid(`step ${i + 1}: filter comes before the steps that make something`);
    if (step === 'filter' && match)
      throw invalid(`step ${i + 1}: filter has include and exclude, not match`);
    const packed = before && stepRule(before.step).packs;
    if (packed && !before.match && !stepRule(step).runsCode)
      throw invalid(`step ${i + 1}: after ${before.step} only a function can read the bytes`);
  }
  if (originals === 'replace' && steps.some(({ step }) => stepRule(step).makes === 'many'))
    throw invalid('a function names what it makes: originals is keep or leave-out');
}

/** One line a step, for people: what would run. */
export function describePlan({ steps }: ProcessingPlan): string[] {
  return steps.map(({ step, code, ...options }, i) => {
    const said = Object.entries(options).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const lines = typeof code === 'string' ? [`${code.length} characters of code`] : [];
    return `${i + 1}. ${step}: ${[...lines, ...said].join(' ') || 'no options'}`;
  });
}

/** Whether a plan only chooses objects. */
export const onlyFilters = ({ steps }: ProcessingPlan): boolean =>
  steps.every(({ step }) => step === 'filter');

const invalid = (detail: string): WaybillError => new WaybillError('ProcessingInvalid', { detail });

function objectOf(value: unknown, problem: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw invalid(problem);
}

function refuseUnknown(given: object, known: readonly string[], what: string): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw invalid(`${what} has no option ${unknown}; it has ${known.join(', ')}`);
}

function wordFrom<T extends string>(words: Record<T, string>, value: unknown, name: string): T {
  const known = Object.keys(words) as T[];
  if (isWord(known, value)) return value;
  throw invalid(`${name} is one of ${known.join(', ')}`);
}
