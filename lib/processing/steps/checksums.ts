import { createHash } from 'node:crypto';
import type { CompiledStep } from '../compiled-plan.ts';
import type { RunningStep } from '../flowing-object.ts';

/** One line as `sha256sum` writes it, escapes included, in place of the object. */
export function checksumsStep(step: CompiledStep): RunningStep {
  return {
    async *run(input) {
      const hash = createHash('sha256');
      for await (const chunk of input.body) hash.update(chunk);
      const escaped = input.key
        .replaceAll('\\', '\\\\')
        .replaceAll('\n', '\\n')
        .replaceAll('\r', '\\r');
      const mark = escaped === input.key ? '' : '\\';
      const line = Buffer.from(`${mark}${hash.digest('hex')}  ${escaped}\n`);
      yield { ...input, key: step.nameOf(input.key), bytes: line.length, body: once(line) };
    },
  };
}

/** A body of one piece. */
export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
