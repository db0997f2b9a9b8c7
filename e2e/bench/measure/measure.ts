import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { WaybillError } from '../../../lib/domain/errors.ts';
import { childrenCpuSeconds, watchMemory } from './process-tree.ts';

export interface Command {
  file: string;
  args: string[];
  env?: Record<string, string>;
  cwd?: string;
}

/** What one run took. What the machine cannot tell is undefined. */
export interface Measured {
  seconds: number;
  cpuSeconds: number | undefined;
  /** Highest resident memory of the whole process tree, bytes. */
  rssBytes: number | undefined;
}

/** How a run ended, with what it printed and when. */
export interface Ended extends Measured {
  status: number | null;
  killed: boolean;
  /** Lines of stdout, with the seconds since the start. */
  lines: { at: number; text: string }[];
  /** The end of what it printed on stderr. */
  talk: string;
}

export interface MeasureOptions {
  /** The file system of this directory is synced, and that counts. */
  syncDir?: string | undefined;
  keepLines?: boolean;
  /** Asked every few milliseconds; the whole tree is killed once it is true. */
  killWhen?: (() => boolean) | undefined;
}

const TALK_CHARS = 2000;
const KILL_POLL_MS = 20;
const running = new Set<ChildProcess>();

/** Kills what runs, with everything it started. */
export function killAll(): void {
  for (const child of running) killTree(child);
}

function killTree({ pid }: ChildProcess): void {
  try {
    // Every command leads a process group of its own.
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

/** The environment of every contestant: nothing of the user's own settings and caches. */
const baseEnv = (home: string): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOME: home,
  LANG: 'C.UTF-8',
  NODE_ENV: 'production',
});

/** Runs a command to its end and measures it. It does not throw when the command fails. */
export async function measure(
  command: Command,
  home: string,
  options: MeasureOptions = {},
): Promise<Ended> {
  const cpuBefore = childrenCpuSeconds();
  const startedAt = performance.now();
  const since = () => (performance.now() - startedAt) / 1000;
  const child = spawn(command.file, command.args, {
    ...(command.cwd && { cwd: command.cwd }),
    env: { ...baseEnv(home), ...command.env } as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const lines: Ended['lines'] = [];
  let talk = '';
  child.stderr.on('data', (chunk) => {
    talk = (talk + String(chunk)).slice(-TALK_CHARS);
  });
  if (options.keepLines)
    createInterface({ input: child.stdout }).on('line', (text) =>
      lines.push({ at: since(), text }),
    );
  else child.stdout.resume();
  const memory = child.pid === undefined ? () => undefined : watchMemory(child.pid);
  const { status: own, error, killed } = await endOf(child, options.killWhen);
  const synced = options.syncDir ? await sync(options.syncDir) : undefined;
  const status = own !== 0 || synced === undefined ? own : synced;
  const seconds = since();
  const cpuAfter = childrenCpuSeconds();
  if (error) talk += error.message;
  if (synced !== undefined && synced !== 0) talk += `sync ended with ${synced}`;
  return {
    seconds,
    rssBytes: memory(),
    status,
    killed,
    lines,
    talk,
    cpuSeconds: cpuAfter === undefined ? undefined : cpuAfter - (cpuBefore ?? 0),
  };
}

/** As `measure`, of a command that has to succeed. Throws Usage when it does not. */
export async function measureSuccess(command: Command, home: string): Promise<Ended> {
  const ended = await measure(command, home);
  if (ended.status === 0) return ended;
  const detail = `${command.file} ended with ${ended.status}: ${ended.talk.trim()}`;
  throw new WaybillError('Usage', { detail });
}

/** Writes a whole file system out; returns the exit code of sync(1). */
async function sync(dir: string): Promise<number | null> {
  const child = spawn('sync', ['-f', dir], { detached: true, stdio: 'ignore' });
  return (await endOf(child)).status;
}

async function endOf(child: ChildProcess, killWhen?: () => boolean) {
  running.add(child);
  let killed = false;
  const poll = setInterval(() => {
    if (!killWhen?.()) return;
    killed = true;
    killTree(child);
  }, KILL_POLL_MS);
  if (!killWhen) clearInterval(poll);
  const end = await new Promise<{ status: number | null; error?: Error }>((resolve) => {
    child.once('error', (error) => resolve({ status: null, error }));
    child.once('close', (status) => resolve({ status }));
  });
  clearInterval(poll);
  running.delete(child);
  return { ...end, killed };
}
