import { Command, InvalidArgumentError, Option } from 'commander';
import { EXIT } from '../lib/domain/errors.ts';
import { copy } from './commands/copy.ts';
import { ls } from './commands/ls.ts';
import { plan } from './commands/plan.ts';
import { restore } from './commands/restore.ts';
import { reopen, seal } from './commands/seal.ts';
import { status } from './commands/status.ts';
import { verify } from './commands/verify.ts';
import type { Context, Finished } from './context.ts';
import { EXIT_WORDS, examples } from './help.ts';
import { VERSION } from './version.ts';

/** Runs a command's work and keeps its exit code. */
export type Runner = (work: (context: Context) => Promise<Finished>) => Promise<void>;

function workers(value: string): number {
  const n = Number(value);
  if (!Number.isInteger(n) || n < 0 || n > 64)
    throw new InvalidArgumentError('a number from 0 to 64');
  return n;
}

/** Options of every command that opens a device with a manifest. */
function withCredentials(command: Command): Command {
  return command
    .requiredOption('--device <dir>', 'directory where the device is mounted')
    .option('--manifest <file>', 'manifest of the job (or WAYBILL_MANIFEST)')
    .option(
      '--unlock-code-file <file>',
      'file with the unlock code (or WAYBILL_UNLOCK_CODE, or it is asked for)',
    )
    .option('--state <dir>', 'where this host keeps the state of jobs (or WAYBILL_STATE)')
    .addOption(
      new Option('--workers <n>', 'threads (default: processors, 8 at most)').argParser(workers),
    )
    .option(
      '--take-over-lock',
      'take the device over from an agent on another host that runs no longer',
    );
}

/** The program: its commands, their options, help and examples. */
export function program(run: Runner): Command {
  const root = new Command('waybill')
    .description('Moves data by shipping disks: fills, checks and empties devices.')
    .version(VERSION)
    .option('--json', 'one JSON object a line on stdout')
    .option('--debug', 'show where an error came from')
    .showHelpAfterError('(waybill --help says more)')
    .addHelpText(
      'after',
      () =>
        `\nExit codes:\n${EXIT_WORDS.map(([code, word]) => `  ${EXIT[code]}\t${word}`).join('\n')}`,
    );
  const sub = (name: string, about: string) =>
    root
      .command(name)
      .description(about)
      .addHelpText('after', () => examples(name));

  withCredentials(
    sub('copy', 'copy a directory to the device of an import: check, copy, verify, seal'),
  )
    .argument('<source>', 'directory to copy')
    .addOption(
      new Option('--symlinks <policy>', 'symbolic links')
        .choices(['skip', 'follow'])
        .default('skip'),
    )
    .option('--dry-run', 'check everything, write nothing')
    .option('--no-verify', 'do not read the volume back before sealing')
    .option('--no-seal', 'leave the volume open')
    .action((source, options) => run((context) => copy(source, options, context)));
  withCredentials(sub('verify', 'read a volume back from the device and check all of it'))
    .option('--full', 'also compute the SHA-256 of every object')
    .option(
      '--drop-damaged',
      'take damaged segments of an open volume away, so that copy writes them again',
    )
    .action((options) => run((context) => verify(options, context)));
  withCredentials(sub('seal', 'seal a volume whose copy has finished'))
    .option('--no-verify', 'do not read the volume back first')
    .action((options) => run((context) => seal(options, context)));
  withCredentials(sub('reopen', 'take the seal off while the device is still at the site')).action(
    (options) => run((context) => reopen(options, context)),
  );
  withCredentials(sub('ls', 'list the objects of a volume'))
    .option('--long', 'with mode, size, time and SHA-256')
    .action((options) => run((context) => ls(options, context)));
  withCredentials(sub('restore', 'write the objects of an export into a directory'))
    .argument('<destination>', 'directory to write to')
    .option('--overwrite', 'replace files that hold other bytes')
    .action((destination, options) => run((context) => restore(destination, options, context)));
  sub('status', 'say whose a device is')
    .requiredOption('--device <dir>', 'directory where the device is mounted')
    .action((options) => run((context) => status(options, context)));
  const job = root.command('job').description('jobs');
  job
    .command('plan')
    .description('how many jobs carry so much data')
    .requiredOption('--option <option>', 'snowball, snowball-edge or disk')
    .requiredOption('--bytes <size>', 'how much data, such as 240TB')
    .addHelpText('after', () => examples('job plan'))
    .action((options) => run((context) => plan(options, context)));
  return root;
}
