import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { jsonOutput } from '../../agent/output/json.ts';
import type { Output } from '../../agent/output/output.ts';
import { textOutput } from '../../agent/output/text.ts';
import { program } from '../../agent/program/program.ts';
import { isWaybillError } from '../domain/errors.ts';
import type { PersonRole } from '../domain/words.ts';
import { type ConsoleWorld, consoleWorld, ORIGIN } from './console-world.ts';
import { serving } from './listening.ts';
import { tempDir } from './temp.ts';

/** A host with the program, and a console that it reaches over loopback. */
export interface Host {
  world: ConsoleWorld;
  url: string;
  dir: string;
  /** Runs a command in text and as JSON lines. */
  run(role: PersonRole | 'station' | null, ...argv: string[]): Promise<Ran>;
}

export interface Ran {
  exit: number;
  out: string;
  talk: string;
  /** JSON lines. */
  lines: Record<string, unknown>[];
  last: Record<string, unknown>;
}

export async function commandHost(): Promise<Host> {
  const world = await consoleWorld();
  const dir = tempDir();
  mkdirSync(join(dir, 'config'));
  const before = { ...process.env };
  process.env.WAYBILL_CONFIG = join(dir, 'config');
  onTestFinished(() => {
    process.env = before;
  });
  const url = await served(world);
  const tokens = new Map<string, string>();
  return {
    world,
    url,
    dir,
    async run(role, ...argv) {
      if (role && !tokens.has(role)) {
        const file = join(dir, `${role}.token`);
        writeFileSync(file, await world.token(role));
        tokens.set(role, file);
      }
      const file = role ? tokens.get(role) : undefined;
      return runProgram([...argv, ...(file ? ['--console', url, '--token-file', file] : [])]);
    },
  };
}

/** Serves a console on loopback. */
export const served = ({ console, send }: ConsoleWorld): Promise<string> =>
  serving(
    (request) =>
      new URL(request.url).pathname.startsWith('/api/auth/')
        ? console.auth.handler(request)
        : send(request),
    ORIGIN,
  );

interface RunOptions {
  signal?: AbortSignal;
  onOut?: (line: string) => void;
}

export async function runProgram(
  argv: string[],
  { signal = new AbortController().signal, onOut }: RunOptions = {},
): Promise<Ran> {
  let out = '';
  let talk = '';
  const say = (line: string) => {
    out += line;
    onOut?.(line);
  };
  const output: Output = argv.includes('--json')
    ? jsonOutput(say)
    : textOutput({
        out: say,
        talk: (line) => {
          talk += line;
        },
        isTerminal: false,
        columns: () => 80,
        now: Date.now,
      });
  let exit = 0;
  const root = program(async (work) => {
    try {
      exit = await work({ output, signal });
    } catch (error) {
      if (!isWaybillError(error)) throw error;
      output.error(error);
      exit = error.exit;
    }
  });
  const rest = argv.filter((arg) => arg !== '--json');
  await root.parseAsync([...(argv.includes('--json') ? ['--json'] : []), ...rest], {
    from: 'user',
  });
  const lines = argv.includes('--json')
    ? out
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];
  return { exit, out, talk, lines, last: lines.at(-1) ?? {} };
}
