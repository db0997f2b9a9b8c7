import { RE2JS } from 're2js';
import { WaybillError } from '../../domain/errors.ts';
import type { Redaction } from '../../domain/processing.ts';
import type { CompiledStep } from '../compiled-plan.ts';
import type { RunningStep } from '../object-stream.ts';
import { joined, linesOf } from './streams.ts';

const LINE_MAX = 16 * 1024 ** 2;

/**
 * Replaces what patterns find, line by line. RE2 takes time in proportion to the text whatever the pattern. Text is
 * UTF-8; in a line that is not, each byte counts as a character, and those that no pattern finds stay as they are.
 */
export function redactStep(step: CompiledStep): RunningStep {
  const patterns = (step.plan.patterns as Redaction[]).map(({ pattern, replacement }) => ({
    regex: compile(pattern, step.plan.ignoreCase === true),
    replacement: literal(replacement),
    bytes: literal(Buffer.from(replacement).toString('latin1')),
  }));
  const redacted = (text: string, as: 'replacement' | 'bytes'): string =>
    patterns.reduce((line, { regex, [as]: by }) => regex.matcher(line).replaceAll(by), text);
  /** Of a line whose characters are bytes. */
  const redactedLine = (line: string): Buffer => {
    const raw = Buffer.from(line, 'latin1');
    const text = raw.toString('utf8');
    const isText = !text.includes('\ufffd') || Buffer.from(text).equals(raw);
    return isText
      ? Buffer.from(redacted(text, 'replacement'))
      : Buffer.from(redacted(line, 'bytes'), 'latin1');
  };
  return {
    async *run(input) {
      const lines = linesOf(input.body, LINE_MAX);
      const pieces = (async function* () {
        for await (const line of lines) yield redactedLine(line);
      })();
      yield { ...input, key: step.nameOf(input.key), bytes: undefined, body: joined(pieces) };
    },
  };
}

/** `$` leads to groups otherwise. */
const literal = (replacement: string): string => replacement.replaceAll('$', () => '$$');

function compile(pattern: string, ignoreCase: boolean) {
  try {
    return RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new WaybillError('ProcessingInvalid', { detail: `redact: ${pattern}: ${why}` });
  }
}
