import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '../api/client.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
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
  /** The one-time link, while nobody has used it. */
  setupLink: string | undefined;
  /** Resolves with the exit code when the console ends. */
  ended: Promise<number>;
  stop(): Promise<void>;
}

const START_WITHIN_MS = 60_000;

/** Starts the built console and waits until it answers. Rejects when it ends before that. */
export async function startConsole(options: ConsoleProcessOptions): Promise<ConsoleProcess> {
  const { host, port, dataDir, log } = options;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
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
  await answers(url, ended);
  const station = options.station ? startStation(url, options) : undefined;
  return {
    url,
    setupLink: readLink(join(dataDir, 'setup-link')),
    ended,
    stop: async () => {
      for (const process of [station, child]) {
        if (!process) continue;
        const gone = exitOf(process);
        process.kill('SIGTERM');
        await gone;
      }
    },
  };
}

/** The embedded station: one machine is a whole installation. */
function startStation(url: string, { dataDir, log }: ConsoleProcessOptions): ChildProcess {
  const args = ['station', 'watch', join(dataDir, 'dock'), '--console', url];
  const credentials = ['--token-file', join(dataDir, 'station.token')];
  const state = ['--state', join(dataDir, 'station')];
  return spawn(process.execPath, [AGENT, ...args, ...credentials, ...state], {
    stdio: log === 'show' ? ['ignore', 'inherit', 'inherit'] : 'ignore',
  });
}

function exitOf(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve(child.exitCode ?? 1);
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

async function answers(url: string, ended: Promise<number>): Promise<void> {
  const client = createClient({ baseUrl: url });
  const until = Date.now() + START_WITHIN_MS;
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over && Date.now() < until) {
    const health = await client.call('health').catch(() => undefined);
    if (health) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new RangeError(`the console at ${url} does not answer`);
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
