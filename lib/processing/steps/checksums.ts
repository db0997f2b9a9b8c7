import { createHash } from 'node:crypto';
import type { CompiledStep } from '../compiled-plan.ts';
import type { RunningStep } from '../object-stream.ts';

/**
 * One line as `sha256sum` writes it in place of the object, and one for the list of all of them, which has the names as
 * they are seen from its own folder.
 */
export function checksumsStep(step: CompiledStep): RunningStep {
  return {
    async *run(input) {
      const { key } = input;
      const hash = createHash('sha256');
      for await (const chunk of input.body) hash.update(chunk);
      const digest = hash.digest('hex');
      const list = step.listOf(key);
      const folder = list?.slice(0, list.lastIndexOf('/') + 1) ?? '';
      const name = key.startsWith(folder) ? key.slice(folder.length) : key;
      const line = Buffer.from(lineOf(digest, key));
      yield {
        ...input,
        key: step.nameOf(key),
        bytes: line.length,
        body: once(line),
        ...(list && { listed: { list, line: lineOf(digest, name) } }),
      };
    },
  };
}

/** A line of `sha256sum`, escapes included. */
function lineOf(digest: string, name: string): string {
  const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${escaped === name ? '' : '\\'}${digest}  ${escaped}\n`;
}

/** A body of one piece. */
export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
