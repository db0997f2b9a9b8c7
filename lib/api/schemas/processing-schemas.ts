import { z } from 'zod';
import { ON_FAILURE, ORIGINALS, type ProcessingPlan } from '../../domain/processing.ts';
import { STEP_NAMES } from '../../domain/processing-steps.ts';
import { bytes, count } from './fields.ts';

/** Processing at the edge. The options of each step are checked by `checkPlan` of lib/domain/processing.ts. */

const wordsOf = <T extends string>(words: Record<T, string>) =>
  z.enum(Object.keys(words) as [T, ...T[]]);

const optionValue = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.string()),
  z.array(z.object({ pattern: z.string(), replacement: z.string() })),
]);

/** A plan as it is asked for: what it leaves out has standard values. */
export const processingRequest = z.object({
  originals: wordsOf(ORIGINALS).optional(),
  onFailure: wordsOf(ON_FAILURE).optional(),
  steps: z.array(z.object({ step: z.enum(STEP_NAMES) }).catchall(optionValue)),
});

/** A plan with every option filled in. */
export const processingPlan = processingRequest.required() as z.ZodType<ProcessingPlan>;

/** What the steps did so far, one row a step. Times milliseconds of work. */
export const processingResults = z.object({
  inputs: z.object({ objects: count, bytes }),
  outputs: z.object({ objects: count, bytes }),
  kept: count,
  steps: z
    .array(
      z.object({
        step: z.enum(STEP_NAMES),
        objectsIn: count,
        bytesIn: bytes,
        objectsOut: count,
        bytesOut: bytes,
        failures: count,
        ms: count,
      }),
    )
    .max(16),
});

export type ProcessingRequest = z.input<typeof processingRequest>;
