import { RE2JS } from 're2js';
import { WaybillError } from '../../domain/errors.ts';
import type { Redaction } from '../../domain/processing.ts';
import type { CompiledStep } from '../compiled-plan.ts';
import type { RunningStep } from '../flowing-object.ts';
import { joined, linesOf } from './streams.ts';

const LINE_MAX = 16 * 1024 ** 2;

/**
 * Replaces what patterns find, line by line. RE2 takes time in proportion to the text whatever the pattern. Text is
 * UTF-8; a line that is not goes through byte for byte, so that nothing is changed that was not understood.
 */
export function redactStep(step: CompiledStep): RunningStep {
  const patterns = (step.plan.patterns as Redaction[]).map(({ pattern, replacement }) => ({
    regex: compile(pattern, step.plan.ignoreCase === true),
    replacement: replacement.replaceAll('\\', '\\\\').replaceAll('$', '\\$'),
  }));
  const redacted = (bytes: string): string | Buffer => {
    const raw = Buffer.from(bytes, 'latin1');
    const text = raw.toString('utf8');
    const isText = !text.includes('\ufffd') || Buffer.from(text).equals(raw);
    return patterns.reduce(
      (line, { regex, replacement }) => regex.matcher(line).replaceAll(replacement),
      isText ? text : bytes,
    );
  };
  return {
    async *run(input) {
      const lines = linesOf(input.body, LINE_MAX);
      const pieces = (async function* () {
        for await (const line of lines) {
          const isAscii = !/[\x80-\xff]/.test(line);
          const out = isAscii ? applyAll(line) : redacted(line);
          yield out;
        }
      })();
      yield { ...input, key: step.nameOf(input.key), bytes: undefined, body: joined(pieces) };
    },
  };
  function applyAll(line: string): string {
    return patterns.reduce(
      (at, { regex, replacement }) => regex.matcher(at).replaceAll(replacement),
      line,
    );
  }
}

function compile(pattern: string, ignoreCase: boolean) {
  try {
    return RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new WaybillError('ProcessingInvalid', { detail: `redact: ${pattern}: ${why}` });
  }
}
