import { addResult, type ProcessingResults } from '../domain/processing-results.ts';
import { stepRule } from '../domain/processing-steps.ts';
import type { CompiledPlan } from './compiled-plan.ts';
import { blame, type FlowingObject, type RunningStep, StepFailure } from './object-stream.ts';

/** A step's output, with the positions in the plan of the steps it came through. */
export interface MadeObject extends FlowingObject {
  through: number[];
}

/**
 * Leads an object through the steps that match it, one behind the other, and gives what comes out at the end.
 * Everything streams: the body of an output is to be read before the next one is asked for. What each step did
 * is added to `results`. Throws StepFailure, and what reading the object throws.
 */
export async function* runSteps(
  on: { plan: CompiledPlan; running: readonly RunningStep[]; results: ProcessingResults },
  input: MadeObject,
  from = on.plan.filters,
): AsyncGenerator<MadeObject> {
  const at = on.plan.next(input.key, from);
  const step = at === undefined ? undefined : on.plan.steps[at];
  const running = at === undefined ? undefined : on.running[at];
  const result = at === undefined ? undefined : on.results.steps[at];
  if (at === undefined || !step || !running || !result) {
    yield input;
    return;
  }
  const name = step.plan.step;
  const inner = { ms: 0 };
  addResult(result, { ...NOTHING, objectsIn: 1 });
  const body = countedBody(input.body, inner, (bytes) =>
    addResult(result, { ...NOTHING, bytesIn: bytes }),
  );
  const outputs = running.run({ ...input, body })[Symbol.asyncIterator]();
  const timed = async <T>(work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const before = inner.ms;
    try {
      return await work();
    } catch (error) {
      const blamed = blame(name, error);
      if (blamed instanceof StepFailure && !counted.has(blamed)) {
        counted.add(blamed);
        result.failures += 1;
      }
      throw blamed;
    } finally {
      result.ms += performance.now() - startedAt - (inner.ms - before);
    }
  };
  try {
    for (;;) {
      const { value: output, done } = await timed(() => outputs.next());
      if (done) return;
      result.objectsOut += 1;
      const encoding = stepRule(name).contentEncoding ?? output.contentEncoding;
      const flowing = {
        ...output,
        contentEncoding: encoding,
        through: [...input.through, at],
        body: timedBody(output.body, timed, (bytes) => {
          result.bytesOut += bytes;
        }),
      };
      yield* runSteps(on, flowing, at + 1);
    }
  } finally {
    await outputs.return?.();
  }
}

/** Failures that a step has answered for: they go on through the steps behind it. */
const counted = new WeakSet<StepFailure>();

const NOTHING = { objectsIn: 0, bytesIn: 0, objectsOut: 0, bytesOut: 0, failures: 0, ms: 0 };

/** Counts what a step reads, and the time that it waited for it. */
async function* countedBody(
  body: AsyncIterable<Uint8Array>,
  inner: { ms: number },
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let startedAt = performance.now();
  for await (const chunk of body) {
    inner.ms += performance.now() - startedAt;
    onBytes(chunk.length);
    yield chunk;
    startedAt = performance.now();
  }
  inner.ms += performance.now() - startedAt;
}

async function* timedBody(
  body: AsyncIterable<Uint8Array>,
  timed: <T>(work: () => Promise<T>) => Promise<T>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { value, done } = await timed(() => chunks.next());
      if (done) return;
      onBytes(value.length);
      yield value;
    }
  } finally {
    await chunks.return?.();
  }
}
