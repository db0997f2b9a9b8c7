import { InvalidArgumentError } from 'commander';
import { parseBytes } from '../lib/domain/sizes.ts';

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

/** Values of an option that may be given several times. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
