import { type Command, InvalidArgumentError } from 'commander';
import { parseBytes } from '../../lib/domain/sizes.ts';
import type { Context, Finished } from '../context.ts';
import { about } from '../help.ts';

/** Runs a command's work and keeps its exit code. */
export type Runner = (work: (context: Context) => Promise<Finished>) => Promise<void>;

/** Adds a command with its line in the help table. */
export function add(parent: Command, name: string): Command {
  const path = [...pathOf(parent), name].join(' ');
  const { summary, after } = about(path);
  return parent.command(name).description(summary).addHelpText('after', after);
}

/** A group of commands; alone it shows its help. */
export function addGroup(parent: Command, name: string): Command {
  return add(parent, name);
}

/** "station import" of a command, without the program's name. */
export function pathOf(command: Command): string[] {
  return command.parent ? [...pathOf(command.parent), command.name()] : [];
}

/** Threads: 0 to 64. */
export function workers(value: string): number {
  return whole(value, 0, 64);
}

/** Seconds: 1 to 86,400. */
export function seconds(value: string): number {
  return whole(value, 1, 86_400);
}

/** Days: 1 to 3,650. */
export function days(value: string): number {
  return whole(value, 1, 3650);
}

/** Items of a page: 1 to 1,000. */
export function limit(value: string): number {
  return whole(value, 1, 1000);
}

function whole(value: string, min: number, max: number): number {
  const n = Number(value);
  if (!/^\d+$/.test(value) || n < min || n > max)
    throw new InvalidArgumentError(`a number from ${min} to ${max}`);
  return n;
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
