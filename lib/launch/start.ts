import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, isWaybillError, WaybillError } from '../domain/errors.ts';
import { CONSOLE_ENVIRONMENT } from '../server/context/config.ts';
import { type ConsoleProcess, ROOT, startConsole } from './console/console-process.ts';
import { userPath } from './user-path.ts';

const HELP = `Serves the Waybill console, with an embedded database, store and station.

  npm start -- [--port 3000] [--host 127.0.0.1] [--data DIR] [--no-station]

Each folder of DIR/dock is a device of the embedded station. For the network, put a reverse proxy with TLS before it
and set WAYBILL_URL. Environment:
${Object.entries(CONSOLE_ENVIRONMENT)
  .map(([name, meaning]) => `  ${name.padEnd(28)} ${meaning}`)
  .join('\n')}
`;

/** Runs the console until a signal ends it; returns the exit code. */
export async function start(argv: string[]): Promise<number> {
  try {
    const options = startOptions(argv);
    if (options) return await serve(options);
    process.stdout.write(HELP);
    return EXIT.done;
  } catch (error) {
    if (!isWaybillError(error)) throw error;
    process.stderr.write(`error: ${error.message}\nhint: ${error.next}\n`);
    return error.exit;
  }
}

interface StartOptions {
  host: string;
  port: number;
  dataDir: string;
  station: boolean;
}

/** Reads the command line; undefined when help was asked for. Throws Usage. */
function startOptions(argv: string[]): StartOptions | undefined {
  const { help, host, data, ...values } = parse(argv);
  if (help) return undefined;
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port < 1 || port > 65_535)
    throw usage('--port is a number from 1 to 65535');
  const dataDir = data ? userPath(data) : resolve(ROOT, process.env.WAYBILL_DATA ?? 'data');
  return { host, port, dataDir, station: !values['no-station'] };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        port: { type: 'string', default: '3000' },
        host: { type: 'string', default: '127.0.0.1' },
        data: { type: 'string' },
        'no-station': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

const usage = (detail: string): WaybillError => new WaybillError('Usage', { detail });

async function serve(options: StartOptions): Promise<number> {
  const { dataDir } = options;
  let running: ConsoleProcess | undefined;
  let stopping = false;
  const stop = async () => {
    stopping = true;
    await running?.stop();
    process.exit(EXIT.done);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  running = await startConsole({ ...options, log: 'show' });
  process.stdout.write(`\nWaybill is at ${running.url}\n`);
  process.stdout.write(`data in ${dataDir}; devices are folders of ${join(dataDir, 'dock')}\n`);
  if (running.setupLink) process.stdout.write(`first set-up, once: ${running.setupLink}\n`);
  const code = await running.ended;
  await running.stop();
  return stopping ? EXIT.done : code;
}
