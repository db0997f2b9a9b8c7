import { InvalidArgumentError, Option } from 'commander';
import { WaybillError } from '../../lib/domain/errors.ts';
import { parseBytes } from '../../lib/domain/sizes.ts';
import { isWord, OVERWRITE_POLICIES } from '../../lib/domain/words.ts';
import { parityPercent } from '../../lib/transfer/parity/parity.ts';

/** A whole number in a range. */
export function whole(min: number, max: number): (value: string) => number {
  return (value) => {
    const n = Number(value);
    if (!/^\d+$/.test(value) || n < min || n > max)
      throw new InvalidArgumentError(`a number from ${min} to ${max}`);
    return n;
  };
}

/** Bytes, from "50TB", "1.5 GB" or a plain number. */
export function size(value: string): number {
  const bytes = parseBytes(value);
  if (!bytes) throw new InvalidArgumentError('a size such as 50TB or 1500000000');
  return bytes;
}

/** Recovery data in percent, from "5%" or "5". */
export function percent(value: string): number {
  return parityPercent(value);
}

/** Values of an option that may be given several times. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** What becomes of what is there already; without a policy everything is written. */
export const overwriteOption = (): Option =>
  new Option(
    '--overwrite [policy]',
    'what is there already: leave it, replace what differs, or write all of it (default: never; without a policy: always)',
  )
    .choices(OVERWRITE_POLICIES)
    .preset('always');

/** `--overwrite` may stand before an argument that is no policy, as it could when it took none. */
export const withPlainOverwrite = (argv: readonly string[]): string[] =>
  argv.map((arg, i) =>
    arg === '--overwrite' && !isWord(OVERWRITE_POLICIES, argv[i + 1]) ? `${arg}=always` : arg,
  );

/** A word of a vocabulary. Throws Usage that names them all. */
export function wordOf<T extends string>(words: readonly T[], value: string, what: string): T {
  if (isWord(words, value)) return value;
  throw new WaybillError('Usage', { detail: `${what} is one of ${words.join(', ')}` });
}
