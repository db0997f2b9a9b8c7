import { CommanderError } from 'commander';
import { EXIT, isWaybillError, WaybillError } from '../lib/domain/errors.ts';
import { redact } from '../lib/keys/secrets.ts';
import { runIfWorker } from '../lib/transfer/worker-entry.ts';
import { jsonOutput } from './output/json.ts';
import type { Output } from './output/output.ts';
import { textOutput } from './output/text.ts';
import { program } from './program.ts';

/** Runs the command line and returns the exit code. */
async function main(argv: string[]): Promise<number> {
  if (
    argv.some((arg) => arg.startsWith('--unlock-code') && !arg.startsWith('--unlock-code-file'))
  ) {
    const detail = 'an unlock code on the command line can be read by every user of this host';
    return fail(new WaybillError('Usage', { detail }), makeOutput(argv.includes('--json')), false);
  }
  let exit: number = EXIT.done;
  const root = program(async (work) => {
    const { json, debug } = root.opts<{ json?: boolean; debug?: boolean }>();
    const output = makeOutput(json ?? false);
    try {
      exit = await work({ output, signal: interruptSignal(output) });
    } catch (error) {
      exit = fail(error, output, debug ?? false);
    }
  });
  // `waybill copy … --json` is what people type; the option belongs to the program.
  const globals: string[] = argv.filter((arg) => arg === '--json' || arg === '--debug');
  const rest = argv.filter((arg) => !globals.includes(arg));
  root.exitOverride();
  for (const command of root.commands) command.exitOverride();
  try {
    await root.parseAsync([...globals, ...rest], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  return exit;
}

function makeOutput(json: boolean): Output {
  const out = (text: string) => process.stdout.write(text);
  if (json) return jsonOutput(out);
  const talk = (text: string) => process.stderr.write(text);
  return textOutput({ out, talk, isTerminal: process.stderr.isTTY ?? false, now: Date.now });
}

/** The one place where errors become words and exit codes. */
function fail(error: unknown, output: Output, debug: boolean): number {
  if (error instanceof Error && error.name === 'AbortError') {
    output.note('interrupted; run the same command again to go on');
    return EXIT.interrupted;
  }
  if (debug && error instanceof Error) process.stderr.write(`${redact(error.stack ?? '')}\n`);
  const known = isWaybillError(error)
    ? error
    : new WaybillError('Internal', { reference: redact(String(error)) });
  output.error(known);
  return known.exit;
}

/** The first signal stops cleanly, the second at once. */
function interruptSignal(output: Output): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    output.note('stopping at the next safe point; once more stops at once');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}

if (!runIfWorker()) process.exitCode = await main(process.argv.slice(2));
