import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { EXIT, isWaybillError, WaybillError } from '../../domain/errors.ts';
import { PEOPLE_ROLES } from '../../domain/words.ts';
import { redact } from '../../keys/secrets.ts';
import { auditCheck } from './audit-check.ts';
import { backUp, restore } from './backup.ts';
import { joinMasterKey, splitMasterKey } from './master-key-shares.ts';
import { type AdminOptions, openAdmin } from './open-admin.ts';
import {
  createAccessToken,
  createPersonsAccessKey,
  createUser,
  resetPassword,
} from './people-admin.ts';
import { rotateMasterKey } from './rotate.ts';

/** The checkout: the bundle lies in its dist folder. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** What is typed, for each command. */
const EXAMPLES: Record<string, [string, ...string[]]> = {
  'create-user': ['create-user --email ada@example.org --role admin'],
  'reset-password': [
    'reset-password ada@example.org',
    'reset-password ada@example.org --password-file /run/password',
  ],
  'create-access-token': ['create-access-token ada@example.org > token'],
  'create-access-key': ['create-access-key ada@example.org >> ~/.aws/credentials'],
  'rotate-master-key': ['rotate-master-key', 'rotate-master-key --retire-old'],
  'split-master-key': [
    'split-master-key --shares 5 --threshold 3',
    'split-master-key --shares 5 --threshold 3 --output /media/usb/shares',
  ],
  'join-master-key': [
    '--data /srv/waybill join-master-key share-1-of-5.txt share-3-of-5.txt share-4-of-5.txt',
    '--data /srv/waybill join-master-key -    what is typed from paper',
  ],
  backup: ['backup /backup/waybill', 'backup --without-keys /backup/waybill'],
  restore: ['--data /srv/waybill restore /backup/waybill'],
  verify: ['audit verify'],
};

const examplesOf = (lines: string[]): string =>
  `\nExamples:\n${lines.map((line) => `  waybill admin ${line}`).join('\n')}`;

/** `waybill admin`: works on the data directory itself, so a lost password is never a lost installation. */
function program(finish: (exit: number) => void): Command {
  const root = new Command('waybill admin')
    .description('Administers a console on its own host, straight on its data directory.')
    .option('--data <dir>', 'data directory (or WAYBILL_DATA; default: data in the checkout)')
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .addHelpText('after', examplesOf(Object.values(EXAMPLES).map(([first]) => first)));
  const opened = () => openAdmin(root.opts<AdminOptions>(), ROOT);
  const password = (command: Command) =>
    command.option('--password-file <file>', 'file with the password (default: one is made)');
  password(root.command('create-user'))
    .description('add a person')
    .requiredOption('--email <address>')
    .option('--name <name>')
    .option('--role <role>', `one of ${PEOPLE_ROLES.join(', ')}`, 'operator')
    .action(async (options) => say(await createUser(opened(), options)));
  password(root.command('reset-password <email>'))
    .description(
      'give a person a new password, make them able to sign in again, end their sessions',
    )
    .action(async (email, options) => say(await resetPassword(opened(), email, options)));
  root
    .command('create-access-token <email>')
    .description('make an access token of a person, for waybill and the API; it is shown once')
    .option('--name <name>', 'what it is for', 'access token')
    .action(async (email, options) => say(await createAccessToken(opened(), email, options.name)));
  root
    .command('create-access-key <email>')
    .description(
      'make an access key of a person, for AWS clients, as a profile of a credentials file; its secret is shown once',
    )
    .option('--name <name>', 'what it is for', 'access key')
    .option('--profile <profile>', 'profile of the credentials file that it is for', 'waybill')
    .action(async (email, options) => say(await createPersonsAccessKey(opened(), email, options)));
  root
    .command('rotate-master-key')
    .description('wrap every stored key again under a new master key; the console may keep running')
    .option(
      '--retire-old',
      'then forget the old master keys; older backups cannot be used any more',
    )
    .action(async (options) => say(await rotateMasterKey(opened(), options)));
  root
    .command('split-master-key')
    .description('split the master keys into shares, of which some together are the keys again')
    .requiredOption('--shares <n>', 'how many are made, 2 to 255')
    .requiredOption('--threshold <n>', 'how many are needed')
    .option('--output <dir>', 'new directory for the shares, a file each', 'master-key-shares')
    .action(async (options) => say(await splitMasterKey(opened(), options)));
  root
    .command('join-master-key <share...>')
    .description(
      'put the master keys back from enough shares: files, or - for standard input, where shares follow each other',
    )
    .action(async (files) => say(await joinMasterKey(root.opts<AdminOptions>(), ROOT, files)));
  root
    .command('backup <dir>')
    .description('copy database, keys and reports, consistently, while the console runs')
    .option('--without-keys', 'leave the master keys out, which shares or another safe place hold')
    .action(async (dir, { withoutKeys }: { withoutKeys?: boolean }) =>
      say(await backUp(opened(), dir, { keys: !withoutKeys })),
    );
  root
    .command('restore <dir>')
    .description('make an empty data directory what it was at the backup')
    .action(async (dir) => say(await restore(root.opts<AdminOptions>(), ROOT, dir)));
  root
    .command('audit')
    .command('verify')
    .description(
      'check the whole hash chain of the custody log, and every signed head that is kept',
    )
    .option('--head <file>', 'a signed head that you kept elsewhere')
    .action(async ({ head }: { head?: string }) => {
      const { whole, text } = await auditCheck(opened(), head);
      say(text);
      finish(whole ? EXIT.done : EXIT.problems);
    });
  for (const command of [...root.commands, ...root.commands.flatMap(({ commands }) => commands)])
    command.addHelpText('after', examplesOf(EXAMPLES[command.name()] ?? ['audit verify']));
  return root;
}

async function main(argv: string[]): Promise<number> {
  let exit: number = EXIT.done;
  try {
    await program((code) => {
      exit = code;
    }).parseAsync(argv, { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const known = isWaybillError(error) ? error : unknown(error);
    process.stderr.write(`error: ${known.message}\nhint: ${known.next}\n`);
    return known.exit;
  }
}

function unknown(error: unknown): WaybillError {
  const text = redact(error instanceof Error ? error.message : String(error));
  if (error instanceof CommanderError)
    return new WaybillError('Usage', { detail: text.replace(/^error: /, '') });
  return new WaybillError('Internal', { reference: text });
}

process.exitCode = await main(process.argv.slice(2));
