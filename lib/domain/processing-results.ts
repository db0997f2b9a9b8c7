import type { ProcessingPlan } from './processing.ts';
import type { StepName } from './processing-steps.ts';

/** What one step did. Counts objects, sizes bytes, `ms` milliseconds of work, over all threads. */
export interface StepResult {
  step: StepName;
  objectsIn: number;
  bytesIn: number;
  objectsOut: number;
  bytesOut: number;
  failures: number;
  ms: number;
}

/** What a plan did: the objects that were looked at, what was written of them, and each step. */
export interface ProcessingResults {
  inputs: { objects: number; bytes: number };
  outputs: { objects: number; bytes: number };
  /** Originals on the volume whose step failed. */
  kept: number;
  steps: StepResult[];
}

/** Results of a plan that has done nothing yet. */
export const noResults = ({ steps }: ProcessingPlan): ProcessingResults => ({
  inputs: { objects: 0, bytes: 0 },
  outputs: { objects: 0, bytes: 0 },
  kept: 0,
  steps: steps.map(({ step }) => emptyResult(step)),
});

const emptyResult = (step: StepName): StepResult => ({
  step,
  objectsIn: 0,
  bytesIn: 0,
  objectsOut: 0,
  bytesOut: 0,
  failures: 0,
  ms: 0,
});

/** Adds what the steps did with one object. Of one that failed nothing comes out, whatever some steps had made. */
export function addObject(
  to: ProcessingResults,
  { steps, outputs }: ProcessingResults,
  outcome: 'made' | 'failed',
): void {
  if (outcome === 'made') {
    to.outputs.objects += outputs.objects;
    to.outputs.bytes += outputs.bytes;
  }
  const nothing = outcome === 'failed' ? { objectsOut: 0, bytesOut: 0 } : {};
  steps.forEach((step, i) => {
    const total = to.steps[i];
    if (total) addResult(total, { ...step, ...nothing });
  });
}

/** Adds what one step did elsewhere. */
export function addResult(to: StepResult, more: Omit<StepResult, 'step'>): void {
  to.objectsIn += more.objectsIn;
  to.bytesIn += more.bytesIn;
  to.objectsOut += more.objectsOut;
  to.bytesOut += more.bytesOut;
  to.failures += more.failures;
  to.ms += more.ms;
}
