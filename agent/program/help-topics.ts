import type { Command } from 'commander';
import { EXIT, WaybillError } from '../../lib/domain/errors.ts';
import type { Context, Finished } from '../host/context.ts';
import { ENVIRONMENT, EXIT_WORDS, environmentLines, exitLines } from './help.ts';

const exitFacts = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(EXIT).map(([name, code]) => [code, EXIT_WORDS[name as keyof typeof EXIT]]),
  );

const TOPICS: Record<string, { facts: () => Record<string, string>; lines: () => string[] }> = {
  'exit-codes': { facts: exitFacts, lines: () => exitLines() },
  environment: { facts: () => ENVIRONMENT, lines: environmentLines },
};
export const TOPIC_NAMES = Object.keys(TOPICS);

/** `waybill help`, of the program, a command, or a topic. Throws Usage. */
export async function help(words: string[], root: Command, { output }: Context): Promise<Finished> {
  const topic = words.length === 1 ? TOPICS[words[0] ?? ''] : undefined;
  if (topic) {
    output.result({ facts: topic.facts(), lines: topic.lines() });
    return 0;
  }
  const command = findCommand(root, words);
  if (!command) {
    throw new WaybillError('Usage', {
      detail: `there is no command or topic "${words.join(' ')}"`,
    });
  }
  command.outputHelp();
  return 0;
}

/** The command that some words name. */
export function findCommand(root: Command, words: string[]): Command | undefined {
  return words.reduce<Command | undefined>(
    (at, word) => at?.commands.find((command) => command.name() === word),
    root,
  );
}
