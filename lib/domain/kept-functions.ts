import { WaybillError } from './errors.ts';
import { checkPlan, type PlanStep } from './processing.ts';
import { STEP_NAMES } from './processing-steps.ts';

/** As AWS Lambda names functions. */
const FUNCTION_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * A function that the console keeps under a name, as the step that a job gets which names it. Throws BadRequest for
 * a name that cannot be one or that a built-in step has, and ProcessingInvalid.
 */
export function keptStep(name: string, options: Record<string, unknown>): PlanStep {
  if (!FUNCTION_NAME.test(name))
    throw new WaybillError('BadRequest', { detail: 'a name is 1 to 64 letters, digits, - or _' });
  if (STEP_NAMES.some((step) => step === name.toLowerCase()))
    throw new WaybillError('BadRequest', { detail: `${name} is a step that is built in` });
  const [step] = checkPlan({ steps: [{ ...options, step: 'function' }] }).steps;
  if (!step) throw new WaybillError('ProcessingInvalid', { detail: 'it is no step' });
  return step;
}
