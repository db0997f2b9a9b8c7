import type { Command } from 'commander';
import type { Runner } from './program-add.ts';
import { jobCommands } from './program-job.ts';

/** Commands that work with the console. */
export function consoleCommands(root: Command, run: Runner): void {
  jobCommands(root, run);
}
