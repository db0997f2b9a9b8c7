import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { program } from './program/program.ts';

const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
const has = (command: Command, flag: string) => command.options.some(({ long }) => long === flag);

test('every command that works on a device can take over its lock, as the error of a held one says', () => {
  // The status of a device is looked at without its lock.
  const onDevices = all(program(async () => undefined)).filter(
    (command) =>
      command.name() !== 'status' && (has(command, '--device') || command.name() === 'watch'),
  );
  const names = onDevices.map((command) => command.name());
  expect(names).toEqual(
    expect.arrayContaining(['copy', 'seal', 'verify', 'restore', 'import', 'watch']),
  );
  const without = onDevices.filter((command) => !has(command, '--take-over-lock'));
  expect(without.map((command) => `${command.parent?.name()} ${command.name()}`)).toEqual([]);
});
