import type { Command } from 'commander';
import type { Context, Finished } from '../host/context.ts';
import { about } from './help.ts';

/** Runs a command's work and keeps its exit code. */
export type Runner = (work: (context: Context) => Promise<Finished>) => Promise<void>;

/** Adds a command with its row of the help table. */
export function add(parent: Command, name: string): Command {
  const { summary, after } = about([...pathOf(parent), name].join(' '));
  return parent.command(name).description(summary).addHelpText('after', after);
}

/** The words of a command after the program's name. */
export function pathOf(command: Command): string[] {
  return command.parent ? [...pathOf(command.parent), command.name()] : [];
}

/** How the console is reached. */
export function withConsole(command: Command): Command {
  return command
    .option('--console <url>', 'address of the console (or WAYBILL_CONSOLE, or the last login)')
    .option('--token-file <file>', 'file with the access token (or WAYBILL_TOKEN)');
}

/** Where a download goes. */
export function withFile(command: Command): Command {
  return command
    .option('--output <file>', 'file to write')
    .option('--force', 'replace the file when it exists');
}

/** Whose signature counts. */
export function withTrust(command: Command): Command {
  return command
    .option('--ca <file>', 'certificate of the authority (ca.pem of the console)')
    .option('--fingerprint <sha256>', 'its SHA-256 fingerprint, in place of the certificate');
}

/** How a bucket is reached that no console knows. */
export function withStoreTarget(command: Command): Command {
  return command
    .option('--endpoint <url>', 'of a bucket: address of the store (default: that of AWS)')
    .option('--region <region>', 'of a bucket (or AWS_REGION)')
    .option(
      '--access-key-file <file>',
      'of a bucket: file with the key pair, - is standard input (or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE)',
    )
    .option('--virtual-host', 'the bucket is in the host name of a URL, not in its path');
}
