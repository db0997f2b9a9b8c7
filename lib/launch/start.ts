import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT } from '../domain/errors.ts';
import { CONSOLE_ENVIRONMENT } from '../server/config.ts';
import { ROOT, startConsole } from './console-process.ts';

const HELP = `Serves the Waybill console, with an embedded database, store and station.

  npm start -- [--port 3000] [--host 127.0.0.1] [--data DIR] [--no-station]

Each folder of DIR/dock is a device of the embedded station. For the network, put a reverse proxy with TLS before it
and set WAYBILL_URL. Environment:
${Object.entries(CONSOLE_ENVIRONMENT)
  .map(([name, meaning]) => `  ${name.padEnd(28)} ${meaning}`)
  .join('\n')}
`;

/** Runs the console until a signal ends it. */
export async function start(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      port: { type: 'string', default: '3000' },
      host: { type: 'string', default: '127.0.0.1' },
      data: { type: 'string' },
      'no-station': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const dataDir = values.data
    ? resolve(values.data)
    : resolve(ROOT, process.env.WAYBILL_DATA ?? 'data');
  const running = await startConsole({
    ...{ host: values.host, port: Number(values.port), dataDir },
    ...{ station: !values['no-station'], log: 'show' },
  }).catch((error: Error) => {
    process.stderr.write(`error: ${error.message}\nhint: is the port in use? see --port\n`);
    process.exit(EXIT.refused);
  });
  process.stdout.write(`\nWaybill is at ${running.url}\n`);
  process.stdout.write(`data in ${dataDir}; devices are folders of ${join(dataDir, 'dock')}\n`);
  if (running.setupLink) process.stdout.write(`first set-up, once: ${running.setupLink}\n`);
  const stop = () => void running.stop();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await running.ended;
  await running.stop();
}
