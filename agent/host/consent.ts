import { fileURLToPath, pathToFileURL } from 'node:url';
import { isWaybillError, WaybillError } from '../../lib/domain/errors.ts';
import {
  checkPlan,
  describePlan,
  optionProblem,
  type PlanStep,
  type ProcessingPlan,
} from '../../lib/domain/processing.ts';
import {
  STEP_NAMES,
  STEP_RULES,
  type StepName,
  stepRule,
} from '../../lib/domain/processing-steps.ts';
import { isWord } from '../../lib/domain/words.ts';
import { stepDigest } from '../../lib/processing/compiled-plan.ts';
import type { AllowedProcessing } from '../../lib/transfer/process/scan-outputs.ts';
import { readGiven } from './read-input-file.ts';

/** What the owner of a host allows: steps by name, and code by its digest and with limits. */
export interface Policy {
  steps: StepName[];
  functions: AllowedFunction[];
}

interface AllowedFunction {
  /** SHA-256 of the code, hex. */
  sha256: string;
  /** Limits that the job must not go beyond; what is not named has the limit of the table. */
  limits: Partial<Record<LimitName, number>>;
  network: boolean;
}

const LIMITS = ['memoryMB', 'timeoutMs', 'maxOutputs', 'maxOutputBytes', 'retries'] as const;
type LimitName = (typeof LIMITS)[number];

export interface ConsentOptions {
  allowProcessing?: boolean;
  policy?: string;
}

/**
 * What of a job's steps may run on this host. A manifest alone never runs anything: the owner says so on the command
 * line. Throws ProcessingNotAllowed, which says what would have run.
 */
export function consentTo(
  plan: ProcessingPlan | null,
  { allowProcessing, policy: file }: ConsentOptions,
): AllowedProcessing | undefined {
  if (!plan) return undefined;
  if (file !== undefined) {
    const policy = readPolicy(file);
    const functions = plan.steps.map((step) => allowedBy(policy, step, plan));
    return { plan, network: functions.some((one) => one?.network) };
  }
  if (allowProcessing) return { plan, network: false };
  throw notAllowed(plan, 'nothing is allowed yet');
}

function allowedBy(
  policy: Policy,
  step: PlanStep,
  plan: ProcessingPlan,
): AllowedFunction | undefined {
  if (!stepRule(step.step).runsCode) {
    if (policy.steps.includes(step.step)) return undefined;
    throw notAllowed(plan, `the policy does not name ${step.step}`);
  }
  const digest = stepDigest(step);
  const found = policy.functions.find(({ sha256 }) => sha256 === digest);
  if (!found) throw notAllowed(plan, `the policy does not name the code ${digest}`);
  const over = LIMITS.find((name) => Number(step[name]) > (found.limits[name] ?? Infinity));
  if (over) throw notAllowed(plan, `${over} is ${step[over]}, over ${found.limits[over]}`);
  if (step.network && !found.network) throw notAllowed(plan, 'the policy gives it no network');
  return found;
}

function notAllowed(plan: ProcessingPlan, reason: string): WaybillError {
  const codes = plan.steps
    .filter(({ step }) => stepRule(step).runsCode)
    .map((step) => `code sha256 ${stepDigest(step)}`);
  const steps = [...describePlan(plan), ...codes].join('; ');
  return new WaybillError('ProcessingNotAllowed', { steps, reason });
}

const usage = (file: string, detail: string): WaybillError =>
  new WaybillError('Usage', { detail: `${file}: ${detail}` });

/** Reads a JSON file. Throws Usage. */
function readJson(file: string): unknown {
  const bytes = readGiven(file);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw usage(file, 'it is not JSON');
  }
}

/** A policy file. Throws Usage. */
export function readPolicy(file: string): Policy {
  const value = readJson(file);
  if (typeof value !== 'object' || value === null) throw usage(file, 'a policy is an object');
  const { steps = [], functions = [], ...rest } = value as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw usage(file, `${unknown} is neither steps nor functions`);
  if (!Array.isArray(steps) || !steps.every((step) => isWord(STEP_NAMES, step)))
    throw usage(file, `steps is a list of ${STEP_NAMES.join(', ')}`);
  if (!Array.isArray(functions)) throw usage(file, 'functions is a list');
  return { steps, functions: functions.map((one) => allowedFunction(file, one)) };
}

function allowedFunction(file: string, value: unknown): AllowedFunction {
  const { sha256, network = false, ...given } = (value ?? {}) as Record<string, unknown>;
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
    throw usage(file, 'a function has sha256, the digest of its code in hex');
  if (typeof network !== 'boolean') throw usage(file, 'network is true or false');
  for (const [name, limit] of Object.entries(given)) {
    if (!isWord(LIMITS, name)) throw usage(file, `${name} is none of ${LIMITS.join(', ')}`);
    const problem = optionProblem(STEP_RULES.function.options[name], limit);
    if (problem) throw usage(file, `${name} ${problem}`);
  }
  return { sha256, network, limits: given as AllowedFunction['limits'] };
}

/**
 * A plan from a file, in which a function may name the file of its code (`"file"`, beside the plan) in place of it.
 * Throws Usage, ProcessingInvalid.
 */
export function readPlan(file: string): ProcessingPlan {
  const value = readJson(file);
  try {
    return checkPlan(withCode(file, value));
  } catch (error) {
    if (!isWaybillError(error, 'ProcessingInvalid')) throw error;
    throw new WaybillError('ProcessingInvalid', { detail: `${file}: ${error.facts.detail}` });
  }
}

function withCode(file: string, value: unknown): unknown {
  const { steps } = (value ?? {}) as { steps?: unknown };
  if (!Array.isArray(steps)) return value;
  const filled = steps.map((step: unknown) => {
    const { file: codeFile, ...rest } = (step ?? {}) as Record<string, unknown>;
    if (typeof codeFile !== 'string') return step;
    const path = fileURLToPath(new URL(codeFile, pathToFileURL(file)));
    return { ...rest, code: readGiven(path).toString('utf8') };
  });
  return { ...(value as object), steps: filled };
}
