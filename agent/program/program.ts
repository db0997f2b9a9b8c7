import { Command, Option } from 'commander';
import { STORAGE_CLASSES } from '../../lib/domain/storage-classes.ts';
import { copy } from '../commands/copy.ts';
import { ls } from '../commands/ls.ts';
import { processSample } from '../commands/process.ts';
import { restore } from '../commands/restore.ts';
import { reopen, seal } from '../commands/seal.ts';
import { status } from '../commands/status.ts';
import { sync } from '../commands/sync.ts';
import { verify } from '../commands/verify.ts';
import { overwriteOption, percent, whole } from '../host/option-values.ts';
import { VERSION } from '../host/version.ts';
import { add, type Runner, withConsole } from './add-command.ts';
import { consoleCommands } from './console-commands.ts';
import { environmentLines, exitLines } from './help.ts';
import { help, TOPIC_NAMES } from './help-topics.ts';
import { stationCommands } from './station-commands.ts';

/** The program: its commands, their options, help and examples. What it refuses it throws as a CommanderError. */
export function program(run: Runner): Command {
  const root = new Command('waybill')
    .description('Moves data by shipping disks: fills, checks and empties devices.')
    .version(VERSION)
    .option('--json', 'one JSON object a line on stdout')
    .option('--debug', 'show where an error came from')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .addHelpText(
      'after',
      () =>
        `\nExit codes:\n${exitLines().join('\n')}\n\nEnvironment:\n${environmentLines().join('\n')}`,
    );
  siteCommands(root, run);
  stationCommands(root, run);
  consoleCommands(root, run);
  root
    .command('help')
    .description(`help on a command, or on: ${TOPIC_NAMES.join(', ')}`)
    .argument('[words...]', 'command or topic')
    .action((words) => run((context) => help(words, root, context)));
  return root;
}

/** The manifest and where its unlock code comes from. */
function withManifest(command: Command): Command {
  return command
    .option('--manifest <file>', 'manifest of the job (or WAYBILL_MANIFEST)')
    .option(
      '--unlock-code-file <file>',
      'file with the unlock code (or WAYBILL_UNLOCK_CODE, or it is asked for)',
    )
    .option('--state <dir>', 'where this host keeps the state of jobs (or WAYBILL_STATE)');
}

/** The device, and how to work on it. */
function withDevice(command: Command): Command {
  return command
    .requiredOption('--device <dir>', 'directory where the device is mounted')
    .addOption(
      new Option('--workers <n>', 'threads (default: processors, 8 at most)').argParser(
        whole(0, 64),
      ),
    )
    .option(
      '--take-over-lock',
      'take the device over from an agent on another host that runs no longer',
    );
}

/** Commands for a host at the site: a device, its manifest and the unlock code are all they need. */
function siteCommands(root: Command, run: Runner): void {
  const opened = (name: string) => withDevice(withManifest(add(root, name)));
  opened('copy')
    .argument('<source>', 'directory to copy; a block device or a file becomes one object')
    .option('--name <key>', 'key of that object (default: its name, of a device with .raw)')
    .addOption(
      new Option('--symlinks <policy>', 'symbolic links')
        .choices(['skip', 'follow'])
        .default('skip'),
    )
    .addOption(
      new Option('--changing <policy>', 'files that change while they are read, such as logs')
        .choices(['leave-out', 'take'])
        .default('leave-out'),
    )
    .option('--dry-run', 'check everything, write nothing')
    .option(
      '--allow-empty',
      'copy a source that is empty, or lost most of its files since last time',
    )
    .option('--device-is-a-directory', 'for trials: the device is a plain directory of this host')
    .addOption(
      new Option(
        '--parity <percent>',
        'also write recovery data, from which bad sectors and lost segments are restored',
      ).argParser(percent),
    )
    .option('--allow-processing', 'run the processing steps of the job on this host')
    .option('--policy <file>', 'run them as far as this policy allows it')
    .option('--no-verify', 'do not read the volume back before sealing')
    .option('--no-seal', 'leave the volume open')
    .action((source, options) => run((context) => copy(source, options, context)));
  opened('verify')
    .option(
      '--full',
      'also compute the SHA-256 of every object, and compare the volume with its recovery data',
    )
    .option(
      '--drop-damaged',
      'take damaged segments of an open volume away, so that copy writes them again',
    )
    .option(
      '--repair',
      'restore what is damaged, in place: label and seal from their copies, the rest from the recovery data',
    )
    .action((options) => run((context) => verify(options, context)));
  opened('seal')
    .option('--no-verify', 'do not read the volume back first')
    .action((options) => run((context) => seal(options, context)));
  opened('reopen').action((options) => run((context) => reopen(options, context)));
  opened('ls')
    .option('--long', 'with mode, size, time and SHA-256')
    .action((options) => run((context) => ls(options, context)));
  opened('restore')
    .argument('[destination]', 'directory to write to, or s3://BUCKET/FOLDER')
    .addOption(overwriteOption())
    .option('--map', 'give keys that a directory cannot hold other names, and list them')
    .option('--key <key>', 'only this object, written as ls and reports write it')
    .option('--output <file>', 'the file it goes to; - is standard output')
    .option('--endpoint <url>', 'of a bucket: address of the store (default: that of AWS)')
    .option('--region <region>', 'of a bucket (or AWS_REGION)')
    .option(
      '--access-key-file <file>',
      'of a bucket: file with the key pair, - is standard input (or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE)',
    )
    .option('--virtual-host', 'the bucket is in the host name of a URL, not in its path')
    .addOption(
      new Option('--storage-class <class>', 'of new objects in the bucket').choices(
        STORAGE_CLASSES,
      ),
    )
    .action((destination, options) => run((context) => restore(destination, options, context)));
  add(root, 'process')
    .argument('<source>', 'directory with a sample')
    .requiredOption('--steps <file>', 'the processing steps, JSON')
    .option('--dry-run', 'keep nothing; say what would come out (default without --output-dir)')
    .option('--output-dir <dir>', 'also write what comes out there')
    .addOption(
      new Option('--limit <n>', 'objects at most').argParser(whole(1, 1_000_000)).default(100),
    )
    .option('--allow-processing', 'run the code of function steps')
    .option('--policy <file>', 'run it as far as this policy allows it')
    .action((source, options) => run((context) => processSample(source, options, context)));
  add(root, 'status')
    .option('--device <dir>', 'directory where the device is mounted')
    .option('--state <dir>', 'where this host keeps the state of jobs (or WAYBILL_STATE)')
    .action((options) => run((context) => status(options, context)));
  withConsole(withManifest(add(root, 'sync'))).action((options) =>
    run((context) => sync(options, context)),
  );
}
