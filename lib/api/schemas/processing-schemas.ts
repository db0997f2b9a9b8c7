import { z } from 'zod';
import {
  ON_FAILURE,
  ORIGINALS,
  type ProcessingPlan,
  SAMPLE_BYTES_MAX,
} from '../../domain/processing.ts';
import { STEP_NAMES } from '../../domain/processing-steps.ts';
import { bytes, count, time } from './fields.ts';

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

/** A function that the console keeps: its code, and options of the step `function`. */
export const functionRequest = z.object({
  code: z
    .string()
    .min(1)
    .max(128 * 1024),
  options: z.record(z.string().max(40), optionValue).optional(),
});

export const functionRow = z.object({
  name: z.string(),
  sha256: z.string(),
  bytes,
  options: z.record(z.string(), optionValue),
  changedAt: time,
});

/** With the jobs that have this very code. */
export const listedFunction = functionRow.extend({ jobs: count, openJobs: count });
export const functionWithCode = functionRow.extend({ code: z.string() });

export type FunctionRequest = z.infer<typeof functionRequest>;
export type FunctionRow = z.infer<typeof functionRow>;
export type ListedFunction = z.infer<typeof listedFunction>;
export type FunctionWithCode = z.infer<typeof functionWithCode>;

/** One row a step. Times milliseconds of work. */
const stepResults = z
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
  .max(16);

/** What the steps did so far. */
export const processingResults = z.object({
  inputs: z.object({ objects: count, bytes }),
  outputs: z.object({ objects: count, bytes }),
  kept: count,
  steps: stepResults,
});

export const sampleRequest = z.object({
  processing: processingRequest,
  /** The key that the file would have. */
  key: z.string().min(1).max(1024),
  /** Base64. */
  content: z.base64().max(Math.ceil(SAMPLE_BYTES_MAX / 3) * 4),
});

/** What becomes of the file. `preview` is the beginning of a text, and null of what is none. */
export const sampleResult = z.object({
  outcome: z.enum(['left-out', 'unchanged', 'made', 'failed']),
  detail: z.string().optional(),
  made: z.array(
    z.object({
      key: z.string(),
      bytes,
      contentEncoding: z.string().optional(),
      contentType: z.string().optional(),
      preview: z.string().nullable(),
    }),
  ),
  steps: stepResults,
});
export type SampleResult = z.output<typeof sampleResult>;

export type ProcessingRequest = z.input<typeof processingRequest>;
