import { CommanderError } from 'commander';
import { EXIT, isWaybillError, WaybillError } from '../lib/domain/errors.ts';
import { redact } from '../lib/keys/secrets.ts';
import { runIfWorker } from '../lib/transfer/worker-entry.ts';
import { withPlainOverwrite } from './host/option-values.ts';
import { interruptSignal } from './host/signals.ts';
import { jsonOutput } from './output/json.ts';
import type { Output } from './output/output.ts';
import { textOutput } from './output/text.ts';
import { program } from './program/program.ts';

/** Runs the command line and returns the exit code. */
async function main(argv: string[]): Promise<number> {
  const output = makeOutput(argv.includes('--json'));
  const secret = secretOnCommandLine(argv);
  if (secret) {
    const detail = `${secret} on the command line can be read by every user of this host`;
    return fail(new WaybillError('Usage', { detail }), output, false);
  }
  let exit: number = EXIT.done;
  const root = program(async (work) => {
    try {
      exit = await work({ output, signal: interruptSignal(output) });
    } catch (error) {
      exit = fail(error, output, argv.includes('--debug'));
    }
  });
  // `waybill copy … --json` is what people type; the options belong to the program.
  const globals: string[] = argv.filter((arg) => arg === '--json' || arg === '--debug');
  const rest = withPlainOverwrite(argv.filter((arg) => !globals.includes(arg)));
  try {
    await root.parseAsync([...globals, ...rest], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) return fail(error, output, argv.includes('--debug'));
    if (error.exitCode === 0) return EXIT.done;
    // Help that was shown for want of a command says what is wrong by itself.
    if (error.code === 'commander.help' && !argv.includes('--json')) return EXIT.usage;
    return fail(usageError(error), output, false);
  }
  return exit;
}

function secretOnCommandLine(argv: string[]): string | undefined {
  if (argv.some((arg) => /^--unlock-code(=|$)/.test(arg))) return 'an unlock code';
  return argv.some((arg) => /^--token(=|$)/.test(arg)) ? 'a token' : undefined;
}

function usageError({ message, code }: CommanderError): WaybillError {
  const detail = code === 'commander.help' ? 'a command is missing' : message;
  return new WaybillError('Usage', {
    detail: detail.replace(/^error: /, '').replaceAll('\n', ' '),
  });
}

function makeOutput(json: boolean): Output {
  const out = (text: string) => process.stdout.write(text);
  if (json) return jsonOutput(out);
  const { stderr } = process;
  return textOutput({
    out,
    talk: (text) => stderr.write(text),
    isTerminal: stderr.isTTY ?? false,
    columns: () => stderr.columns || 80,
    now: Date.now,
  });
}

/** The one place where errors become words and exit codes. */
function fail(error: unknown, output: Output, debug: boolean): number {
  if (error instanceof Error && error.name === 'AbortError') {
    output.interrupted();
    return EXIT.interrupted;
  }
  if (debug && error instanceof Error) process.stderr.write(`${redact(error.stack ?? '')}\n`);
  const known = isWaybillError(error)
    ? error
    : new WaybillError('Unexpected', { detail: redact(String(error)) });
  output.error(known);
  return known.exit;
}

if (!runIfWorker()) {
  // `waybill ls | head` closes the pipe; nobody is left to be told.
  process.stdout.on('error', () => process.exit(EXIT.done));
  process.exitCode = await main(process.argv.slice(2));
  // A request to a store that is to be sent again would keep the process for its pause.
  if (process.exitCode === EXIT.interrupted) process.exit();
}
