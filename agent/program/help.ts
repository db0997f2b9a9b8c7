import { EXIT } from '../../lib/domain/errors.ts';
import { COMMANDS } from './help-table.ts';

/** What the exit codes mean, in words. */
export const EXIT_WORDS: Record<keyof typeof EXIT, string> = {
  done: 'done',
  problems: 'finished with problems; the problem list or report names them',
  usage: 'wrong usage',
  refused: 'refused by a rule, or the console does not answer',
  device: 'the device',
  store: 'the store',
  credentials: 'manifest, unlock code, token or signature',
  interrupted: 'interrupted; the same command goes on',
};

/** Every variable of the environment that the agent reads. */
export const ENVIRONMENT: Record<string, string> = {
  WAYBILL_MANIFEST: 'the manifest of the job, in place of `--manifest`',
  WAYBILL_UNLOCK_CODE: 'the unlock code; it is never taken from the command line',
  WAYBILL_STATE: 'where this host keeps the state of jobs; default `~/.local/state/waybill`',
  WAYBILL_CONSOLE: 'address of the console, in place of `--console`',
  WAYBILL_TOKEN: 'access token for the console: of a person, or of a station',
  WAYBILL_STATION_DEVICES:
    'how many devices `waybill station watch` works on at once, in place of `--devices`; default 2',
  AWS_ACCESS_KEY_ID:
    'with `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`: the key pair of `waybill restore s3://…`',
  AWS_PROFILE: 'the profile that has it, in `~/.aws/credentials` or `AWS_SHARED_CREDENTIALS_FILE`',
  AWS_REGION: 'region of that bucket, in place of `--region`',
  WAYBILL_CONFIG: 'folder of `credentials.json`; default `~/.config/waybill`',
};

/** "  130\tinterrupted; …" for each exit code. */
export function exitLines(names = Object.keys(EXIT) as (keyof typeof EXIT)[]): string[] {
  return names.map((name) => `  ${String(EXIT[name]).padEnd(4)} ${EXIT_WORDS[name]}`);
}

/** Name and meaning of every variable, aligned. */
export function environmentLines(): string[] {
  return Object.entries(ENVIRONMENT).map(
    ([name, meaning]) => `  ${name.padEnd(24)} ${meaning.replaceAll('`', '')}`,
  );
}

/** The line of a command in the list, and what its own help shows after its options. */
export function about(path: string): { summary: string; after: string } {
  const { summary, exits, ...row } = COMMANDS[path] ?? { summary: path, examples: [], exits: [] };
  const examples = row.examples.length > 0 ? row.examples : examplesBelow(path);
  const sections = [
    ...(examples.length > 0 ? [`\nExamples:\n${examples.map((e) => `  ${e}`).join('\n')}`] : []),
    ...(exits.length > 0 ? [`\nExit codes:\n${exitLines([...exits]).join('\n')}`] : []),
  ];
  return { summary, after: sections.join('\n') };
}

/** A group of commands is shown by the first example of each. */
const examplesBelow = (group: string): string[] =>
  Object.entries(COMMANDS).flatMap(([path, { examples }]) =>
    path.startsWith(`${group} `) ? examples.slice(0, 1) : [],
  );
