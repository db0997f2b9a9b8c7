import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '../../api/client.ts';
import { WaybillError } from '../../domain/errors.ts';
import { stationEnvironment } from './station-environment.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const AGENT = join(ROOT, 'dist/waybill.mjs');

export interface ConsoleProcessOptions {
  host: string;
  port: number;
  dataDir: string;
  /** Run the embedded station on the dock of the data directory. */
  station: boolean;
  /** Where the console's log goes. */
  log: 'show' | 'hide';
  env?: Record<string, string>;
}

/** A console that serves, with its station. */
export interface ConsoleProcess {
  url: string;
  /** The process that serves. */
  pid: number;
  /** The one-time link, while nobody has used it. */
  setupLink: string | undefined;
  /** Resolves with the exit code when the console ends. */
  ended: Promise<number>;
  stop(): Promise<void>;
}

const START_WITHIN_MS = 60_000;
const STATION_AGAIN_MS = 5000;

/** Starts the built console and waits until it answers. Throws PortUnusable, ConsoleNotStarted. */
export async function startConsole(options: ConsoleProcessOptions): Promise<ConsoleProcess> {
  const { host, port, dataDir, log } = options;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  await checkPort(host, port);
  const env = {
    ...process.env,
    NODE_ENV: 'production' as const,
    NEXT_TELEMETRY_DISABLED: '1',
    WAYBILL_DATA: dataDir,
    ...(process.env.WAYBILL_URL ? {} : { WAYBILL_URL: url.replace('0.0.0.0', '127.0.0.1') }),
    ...options.env,
  };
  const next = join(ROOT, 'node_modules/next/dist/bin/next');
  const child = spawn(process.execPath, [next, 'start', '-H', host, '-p', String(port)], {
    cwd: ROOT,
    env,
    stdio: ['ignore', log === 'show' ? 'inherit' : 'ignore', 'inherit'],
  });
  const ended = exitOf(child);
  // Whoever ends this process ends the console with it, also while it starts.
  const onExit = () => child.kill('SIGTERM');
  process.once('exit', onExit);
  if (!(await answers(url, ended))) {
    child.kill('SIGTERM');
    throw new WaybillError('ConsoleNotStarted', { url });
  }
  const station = options.station ? keepStation(url, options) : undefined;
  return {
    url,
    pid: child.pid ?? 0,
    setupLink: readLink(join(dataDir, 'setup-link')),
    ended,
    stop: async () => {
      await station?.stop();
      child.kill('SIGTERM');
      await ended;
      process.off('exit', onExit);
    },
  };
}

/** Throws PortUnusable. Without this, a console that serves there already would answer in place of ours. */
function checkPort(host: string, port: number): Promise<void> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', ({ message }) =>
      reject(new WaybillError('PortUnusable', { host, port, detail: message })),
    );
    server.listen(port, host, () => server.close(() => resolve()));
  });
}

/** The embedded station: one machine is a whole installation. It is started again when it ends by itself. */
function keepStation(url: string, { dataDir, log }: ConsoleProcessOptions) {
  // The dock of a whole installation on one machine: its folders stand in for devices.
  const args = ['station', 'watch', join(dataDir, 'dock'), '--simulated', '--console', url];
  const credentials = ['--token-file', join(dataDir, 'station.token')];
  const state = ['--state', join(dataDir, 'station')];
  let timer: NodeJS.Timeout | undefined;
  const start = (): ChildProcess => {
    const child = spawn(process.execPath, [AGENT, ...args, ...credentials, ...state], {
      env: stationEnvironment(process.env),
      stdio: log === 'show' ? ['ignore', 'inherit', 'inherit'] : 'ignore',
    });
    child.once('exit', again);
    return child;
  };
  const again = () => {
    timer = setTimeout(() => {
      station = start();
    }, STATION_AGAIN_MS);
  };
  let station = start();
  const onExit = () => station.kill('SIGTERM');
  process.once('exit', onExit);
  return {
    stop: async () => {
      clearTimeout(timer);
      station.off('exit', again);
      process.off('exit', onExit);
      station.kill('SIGTERM');
      await exitOf(station);
    },
  };
}

function exitOf(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve(child.exitCode ?? 1);
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

/** Whether the console answers before it ends, or before the time is over. */
async function answers(url: string, ended: Promise<number>): Promise<boolean> {
  const client = createClient({ baseUrl: url });
  const until = Date.now() + START_WITHIN_MS;
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over && Date.now() < until) {
    const health = await client.call('health').catch(() => undefined);
    if (health) return !over;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

function readLink(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** A port of the loopback that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
