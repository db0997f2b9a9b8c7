import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server process on loopback that a test, or the benchmark, has started. */
export interface LoopbackServer {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** Stops the processes, by their ids. */
  stop(): Promise<void>;
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts a program whose output goes to a file of `dir`. */
export function startProgram(dir: string, name: string, program: string[]): ChildProcess {
  const log = openSync(join(dir, `${name}.log`), 'a');
  const [command = '', ...args] = program;
  const child = spawn(command, args, { stdio: ['ignore', log, log] });
  // However this process ends, short of a kill: the server ends with it, before anybody removes what it writes.
  const stop = () => child.kill('SIGTERM');
  process.prependOnceListener('exit', stop);
  child.once('exit', () => process.removeListener('exit', stop));
  return child;
}

export async function stopProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 5000);
  await exited;
  clearTimeout(late);
}

/** Waits until a URL answers. */
export async function waitUntilAnswers(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 2000; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`the server at ${url} ended`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer && answer.status < 500) return;
    await sleep(100);
  }
  throw new Error(`the server at ${url} does not answer`);
}
