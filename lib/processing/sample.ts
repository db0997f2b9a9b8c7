import { isWaybillError } from '../domain/errors.ts';
import type { ProcessingPlan } from '../domain/processing.ts';
import { addObject, noResults, type ProcessingResults } from '../domain/processing-results.ts';
import { CompiledPlan } from './compiled-plan.ts';
import { type FlowingObject, StepFailure } from './object-stream.ts';
import { runSteps } from './run-steps.ts';
import { checkHost, startSteps } from './start-steps.ts';

/** What becomes of one object of a sample. */
export interface Sampled {
  key: string;
  /** `left-out` by a filter; `unchanged` when no step matches it; `listed` is a list that was made of several. */
  outcome: 'left-out' | 'unchanged' | 'made' | 'failed' | 'listed';
  made: { key: string; bytes: number; contentEncoding?: string; contentType?: string }[];
  detail?: string;
}

/** As a load writes it: in the order of the objects' keys. */
const listOf = (lines: { key: string; line: string }[]): Buffer =>
  Buffer.from(
    lines
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ line }) => line)
      .join(''),
  );

/** What is said of an object whose step failed, or made what cannot be kept under its name; undefined of other errors. */
function detailOf(error: unknown): string | undefined {
  if (error instanceof StepFailure) return `${error.step}: ${error.detail}`;
  return isWaybillError(error, 'KeyRefused') ? error.message : undefined;
}

/**
 * Runs a plan on some objects, without a volume. `onChunk` gets the bytes of what comes out, under its key, and
 * may refuse that (KeyRefused). Throws ProcessingUnavailable, ProcessingInvalid; what fails with an object is told in its line.
 */
export async function* runSample(
  on: {
    plan: ProcessingPlan;
    network: boolean;
    onChunk?: (key: string, chunk: Uint8Array) => void;
  },
  objects: AsyncIterable<FlowingObject & { bytes: number }>,
): AsyncGenerator<Sampled, ProcessingResults> {
  const plan = new CompiledPlan(on.plan);
  await checkHost(plan);
  const running = startSteps(plan, on);
  const results = noResults(on.plan);
  const lists = new Map<string, { key: string; line: string }[]>();
  try {
    for await (const object of objects) {
      const { key } = object;
      if (!plan.filter(object, results)) {
        yield { key, outcome: 'left-out', made: [] };
        continue;
      }
      if (plan.next(key) === undefined) {
        yield { key, outcome: 'unchanged', made: [] };
        continue;
      }
      const sampled: Sampled = { key, outcome: 'made', made: [] };
      const own = noResults(on.plan);
      try {
        const input = { ...object, through: [] };
        for await (const made of runSteps({ plan, running, results: own }, input)) {
          const name = on.plan.originals === 'replace' ? key : made.key;
          if (made.listed) {
            const { list, line } = made.listed;
            lists.set(list, [...(lists.get(list) ?? []), { key: name, line }]);
          }
          let size = 0;
          for await (const chunk of made.body) {
            size += chunk.length;
            on.onChunk?.(name, chunk);
          }
          const { contentEncoding, contentType } = made;
          const told = {
            ...(contentEncoding && { contentEncoding }),
            ...(contentType && { contentType }),
          };
          sampled.made.push({ key: name, bytes: size, ...told });
          own.outputs.objects += 1;
          own.outputs.bytes += size;
        }
        addObject(results, own, 'made');
        yield sampled;
      } catch (error) {
        const detail = detailOf(error);
        if (detail === undefined) throw error;
        addObject(results, own, 'failed');
        if (on.plan.onFailure === 'keep') results.kept += 1;
        yield { key, outcome: 'failed', made: [], detail };
      }
    }
    for (const [key, lines] of lists) {
      const content = listOf(lines);
      try {
        on.onChunk?.(key, content);
      } catch (error) {
        const detail = detailOf(error);
        if (detail === undefined) throw error;
        yield { key, outcome: 'failed', made: [], detail };
        continue;
      }
      results.outputs.objects += 1;
      results.outputs.bytes += content.length;
      yield { key, outcome: 'listed', made: [{ key, bytes: content.length }] };
    }
    for (const step of results.steps) step.ms = Math.round(step.ms);
    return results;
  } finally {
    for (const step of running) await step.close?.();
  }
}
