import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { StepFailure } from '../object-stream.ts';
import { makeFunctionFolder } from './function-folder.ts';
import { FRAME, type Frame, FrameReader } from './function-frames.ts';
import { isolation } from './isolation.ts';

/** Limits of one function. */
export interface FunctionLimits {
  memoryMB: number;
  timeoutMs: number;
  network: boolean;
}

const LOG_MAX = 8 * 1024;
const START_MS = 10_000;
const WATCH_MS = 50;
/** What Node itself takes before the function has done anything. */
const NODE_MB = 96;

/** One process with a handler. It answers invocation after invocation until it fails or is stopped. */
export class FunctionProcess {
  readonly #child: ChildProcess;
  readonly #channel: Duplex;
  readonly #dir: string;
  readonly #limits: FunctionLimits;
  readonly #watch: NodeJS.Timeout;
  #onFrame: ((frame: Frame) => void) | undefined;
  #onEnd: ((error: StepFailure) => void) | undefined;
  #log = '';
  #end: StepFailure | undefined;
  #why: string | undefined;

  constructor(code: string, handler: string, limits: FunctionLimits) {
    this.#limits = limits;
    this.#dir = makeFunctionFolder(code);
    const { before, flags } = isolation(this.#dir, limits.network);
    const [command = process.execPath, ...rest] = [
      ...before,
      process.execPath,
      `--max-old-space-size=${limits.memoryMB}`,
      ...flags,
      join(this.#dir, 'runner.mjs'),
      JSON.stringify({ handler, network: limits.network }),
    ];
    this.#child = spawn(command, rest, {
      cwd: this.#dir,
      env: { NODE_ENV: 'production', PATH: process.env.PATH ?? '', TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#channel = this.#child.stdio[3] as Duplex;
    this.#channel.on('error', () => undefined);
    this.#child.stderr?.on('data', (data: Buffer) => this.#addLog(data.toString()));
    this.#child.on('error', (error) => this.#ended(`it cannot be started: ${error.message}`));
    // Not 'exit': what it said last may still be on its way.
    this.#child.on('close', (code, signal) => this.#ended(this.#why ?? exitWords(code, signal)));
    const frames = new FrameReader();
    this.#channel.on('data', (data: Buffer) => {
      try {
        for (const frame of frames.take(data)) this.#take(frame);
      } catch (error) {
        this.kill(error instanceof Error ? error.message : String(error));
      }
    });
    this.#watch = setInterval(() => this.#checkMemory(), WATCH_MS);
    this.#watch.unref();
  }

  /** The end of what it said in this invocation. */
  get log(): string {
    return this.#log;
  }

  get isAlive(): boolean {
    return this.#end === undefined && this.#why === undefined;
  }

  /** Waits until the handler is loaded. Throws StepFailure. */
  async start(): Promise<void> {
    await this.#during(START_MS, 'it was not ready', (resolve) => {
      this.#onFrame = ({ kind }) => {
        if (kind === FRAME.ready) resolve();
      };
    });
  }

  /** Gives frames to the function, and its frames to `onFrame`, until that says it is over. Throws StepFailure. */
  async talk(first: Buffer, onFrame: (frame: Frame) => 'done' | undefined): Promise<void> {
    this.#log = '';
    await this.#during(this.#limits.timeoutMs, 'it did not end', (resolve, reject) => {
      this.#onFrame = (frame) => {
        try {
          if (onFrame(frame) === 'done') resolve();
        } catch (error) {
          reject(error);
        }
      };
      this.send(first);
    });
  }

  send(frame: Buffer): void {
    if (this.isAlive) this.#channel.write(frame);
  }

  kill(why: string): void {
    this.#why ??= why;
    this.#child.kill('SIGKILL');
  }

  /** Ends the process and removes its folder. */
  async stop(): Promise<void> {
    const gone = this.#end
      ? Promise.resolve()
      : new Promise<void>((resolve) => this.#child.once('close', () => resolve()));
    this.kill('it was stopped');
    await gone;
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #during(
    ms: number,
    late: string,
    work: (resolve: () => void, reject: (error: unknown) => void) => void,
  ): Promise<void> {
    if (this.#end) throw this.#end;
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#onEnd = reject;
        timer = setTimeout(() => this.kill(`${late} within ${ms} ms`), ms);
        work(resolve, reject);
      });
    } finally {
      clearTimeout(timer);
      this.#onFrame = undefined;
      this.#onEnd = undefined;
    }
  }

  #take(frame: Frame): void {
    if (frame.kind === FRAME.log) this.#addLog(frame.content.toString());
    else if (frame.kind === FRAME.fail && !this.#onFrame) this.#addLog(frame.content.toString());
    else if (frame.kind === FRAME.fail) {
      const [message = 'it failed'] = frame.content.toString().split('\n');
      this.#addLog(frame.content.toString());
      this.#onEnd?.(new StepFailure('function', message, this.#log));
    } else this.#onFrame?.(frame);
  }

  #addLog(text: string): void {
    this.#log = `${this.#log}${text}`.slice(-LOG_MAX);
  }

  #ended(why: string): void {
    clearInterval(this.#watch);
    this.#end ??= new StepFailure('function', why, this.#log);
    this.#onEnd?.(this.#end);
  }

  /** Buffers lie outside the heap that Node limits, so the process is watched from outside. */
  #checkMemory(): void {
    if (process.platform !== 'linux' || !this.isAlive) return;
    try {
      const pages = Number(readFileSync(`/proc/${this.#child.pid}/statm`, 'latin1').split(' ')[1]);
      const megabytes = (pages * 4096) / 1024 ** 2;
      if (megabytes > this.#limits.memoryMB + NODE_MB)
        this.kill(`it took more than ${this.#limits.memoryMB} MB of memory`);
    } catch {
      // It has just ended.
    }
  }
}

const exitWords = (code: number | null, signal: string | null): string =>
  signal === 'SIGABRT' || code === 134
    ? 'its process ended for want of memory'
    : `its process ended by itself (${signal ?? `exit code ${code}`})`;
