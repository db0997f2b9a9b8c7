import type { ProcessingRequest } from '../../../../lib/api/schemas/processing-schemas.ts';
import { isWaybillError } from '../../../../lib/domain/errors.ts';
import { OPTION_RULES } from '../../../../lib/domain/options.ts';
import {
  checkPlan,
  type OnFailure,
  type Originals,
  type PlanStep,
} from '../../../../lib/domain/processing.ts';
import type { StepName } from '../../../../lib/domain/processing-steps.ts';
import type { JobType, Option } from '../../../../lib/domain/words.ts';

/** Processing steps while they are put together; what is not filled in yet is missing. */
export interface DraftPlan {
  originals: Originals;
  onFailure: OnFailure;
  steps: PlanStep[];
}

/** Whether a job may have processing steps at all. */
export const takesSteps = ({ option, type }: { option: Option; type: JobType }): boolean =>
  OPTION_RULES[option].processing && type === 'import';

/** The plan that a draft asks for, if it has one. */
export function planOf(draft: {
  option: Option;
  type: JobType;
  processing: DraftPlan;
}): ProcessingRequest | undefined {
  return takesSteps(draft) && draft.processing.steps.length > 0 ? draft.processing : undefined;
}

/** What the rules refuse, in words; undefined when there are no steps, or good ones. */
export function planProblem(draft: Parameters<typeof planOf>[0]): string | undefined {
  const plan = planOf(draft);
  if (!plan) return undefined;
  try {
    checkPlan(plan);
    return undefined;
  } catch (error) {
    if (isWaybillError(error, 'ProcessingInvalid')) return `${String(error.facts.detail)}.`;
    throw error;
  }
}

export const addStep = (plan: DraftPlan, step: StepName): DraftPlan => ({
  ...plan,
  steps: [...plan.steps, { step }],
});

export const removeStep = (plan: DraftPlan, at: number): DraftPlan => ({
  ...plan,
  steps: plan.steps.filter((_, i) => i !== at),
});

/** Exchanges a step with the one before it. */
export function moveUp(plan: DraftPlan, at: number): DraftPlan {
  const steps = [...plan.steps];
  const [before, step] = [steps[at - 1], steps[at]];
  if (before && step) [steps[at - 1], steps[at]] = [step, before];
  return { ...plan, steps };
}

/** Another step in the place of one. */
export const putStep = (plan: DraftPlan, at: number, step: PlanStep): DraftPlan => ({
  ...plan,
  steps: plan.steps.map((one, i) => (i === at ? step : one)),
});

/** Sets an option of a step; undefined takes it away, so that the standard value holds. */
export function setOption(
  plan: DraftPlan,
  at: number,
  name: string,
  value: PlanStep[string] | undefined,
): DraftPlan {
  const steps = plan.steps.map((step, i) => {
    if (i !== at) return step;
    const others = Object.entries(step).filter(([known]) => known !== name);
    const changed = value === undefined ? others : [...others, [name, value] as const];
    return { ...Object.fromEntries(changed), step: step.step };
  });
  return { ...plan, steps };
}
