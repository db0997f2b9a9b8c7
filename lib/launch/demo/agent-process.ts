import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { describeError, ERRORS, type ErrorCode, EXIT, WaybillError } from '../../domain/errors.ts';
import type { TransferEvent } from '../../transfer/progress/progress.ts';
import { AGENT } from '../console/console-process.ts';

type Line = Record<string, unknown> & { type?: string };

/**
 * Runs the real agent as a process of its own and gives the facts of its result. Exit code 1 (finished with
 * problems) is a result too. Throws the error that the agent told.
 */
export function runAgent(
  args: string[],
  options: {
    env: Record<string, string>;
    onEvent: (event: TransferEvent) => void;
    /** Interrupted, as by Ctrl-C, once it has something to tell; then there is no result. */
    interrupt?: boolean;
  },
): Promise<Line> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production' as const };
  const child = spawn(process.execPath, [AGENT, ...args, '--json'], {
    env: { ...env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let last: Line = {};
  let talk = '';
  child.stderr.on('data', (chunk) => {
    talk = (talk + String(chunk)).slice(-2000);
  });
  createInterface({ input: child.stdout }).on('line', (text) => {
    const { type, ...rest } = JSON.parse(text) as Line;
    if (options.interrupt && type === 'progress') child.kill('SIGINT');
    if (type === 'progress' || type === 'phase' || type === 'problem')
      options.onEvent({ kind: type, ...rest } as TransferEvent);
    else if (type === 'result' || type === 'error') last = { type, ...rest };
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (last.type === 'result' && (code === 0 || code === 1)) resolve(last);
      else if (options.interrupt && code === EXIT.interrupted) resolve({});
      else reject(errorOf(last, `waybill ${args[0]} ended with ${code}: ${talk}`));
    });
  });
}

/** The error of the agent's last line, with its own words. */
function errorOf(last: Line, otherwise: string): Error {
  const { code, message } = last;
  if (typeof code !== 'string' || !Object.hasOwn(ERRORS, code)) return new RangeError(otherwise);
  const { next } = describeError(code as ErrorCode);
  return Object.assign(new WaybillError(code as ErrorCode), {
    message: String(message),
    next: String(last.next ?? next),
  });
}
