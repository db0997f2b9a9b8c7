import type { PlanStep } from '../domain/processing.ts';
import type { StepName } from '../domain/processing-steps.ts';
import type { CompiledPlan, CompiledStep } from './compiled-plan.ts';
import { functionStep } from './function/function-step.ts';
import type { RunningStep } from './object-stream.ts';
import { checksumsStep } from './steps/checksums.ts';
import { convertStep } from './steps/convert.ts';
import { gunzipStep, gzipStep } from './steps/gzip.ts';
import { redactStep } from './steps/redact.ts';
import { requireSharp, thumbnailStep } from './steps/thumbnail.ts';
import { unzstdStep, zstdStep } from './steps/zstd.ts';

/** What the host's owner allows a function besides its own options. */
export interface StepAllowance {
  network: boolean;
}

type Start = (step: CompiledStep, allowed: StepAllowance) => RunningStep;

/** A filter has chosen before anything runs; nothing reaches it. */
const passing: Start = () => ({
  async *run(input) {
    yield input;
  },
});

const STARTS: Record<StepName, Start> = {
  filter: passing,
  gzip: gzipStep,
  gunzip: gunzipStep,
  zstd: zstdStep,
  unzstd: unzstdStep,
  convert: convertStep,
  redact: redactStep,
  checksums: checksumsStep,
  thumbnail: thumbnailStep,
  function: functionStep,
};

/** Makes every step of a plan ready for one thread. Codecs are loaded and processes started when they are first needed. */
export function startSteps(plan: CompiledPlan, allowed: StepAllowance): RunningStep[] {
  return plan.steps.map((step) => STARTS[step.plan.step](step, allowed));
}

/** What has to be on the host before the first byte is written. */
const NEEDS: Partial<Record<StepName, (step: PlanStep) => Promise<void>>> = {
  thumbnail: requireSharp,
};

/** Refuses a plan that this host cannot run. Throws ProcessingUnavailable, ProcessingInvalid. */
export async function checkHost(plan: CompiledPlan): Promise<void> {
  for (const { plan: step } of plan.steps) await NEEDS[step.step]?.(step);
  for (const running of startSteps(plan, { network: false })) await running.close?.();
}
