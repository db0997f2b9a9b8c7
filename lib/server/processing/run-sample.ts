import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ProcessingRequest, SampleResult } from '../../api/schemas/processing-schemas.ts';
import { describeError, ERRORS, type ErrorCode, WaybillError } from '../../domain/errors.ts';
import { pathProblem } from '../../domain/object-keys.ts';
import { checkPlan, type ProcessingPlan } from '../../domain/processing.ts';
import { stepRule } from '../../domain/processing-steps.ts';
import { Semaphore } from '../../stores/remote/semaphore.ts';

/** A file that somebody tries processing steps on, before the job is made. */
export interface SampleRequest {
  processing: ProcessingRequest;
  /** Its key. */
  key: string;
  content: Uint8Array;
}

const WITHIN_MS = 20_000;
const HEAP_MB = 256;
/** Of one output; a small file can unpack to a disk full. */
const OUTPUT_BYTES_MAX = 16 * 1024 ** 2;
const PREVIEW_CHARACTERS = 2000;

const sampleLock = new Semaphore(1);

/**
 * Runs steps on one small file, in a process of its own with little memory and time: the agent, as a site would. The
 * console runs no code of jobs. Throws ProcessingInvalid, ProcessingUnavailable, KeyRefused.
 */
export async function trySample(program: string, request: SampleRequest): Promise<SampleResult> {
  const plan = checkPlan(request.processing);
  const fix = 'try it on a host: waybill process DIRECTORY --steps FILE --allow-processing';
  if (plan.steps.some(({ step }) => stepRule(step).runsCode)) {
    const facts = { step: 'function', detail: 'the console runs no code of jobs', fix };
    throw new WaybillError('ProcessingUnavailable', facts);
  }
  if (!existsSync(program)) {
    const facts = { step: 'all of them', detail: 'the agent is not built', fix: 'npm run build' };
    throw new WaybillError('ProcessingUnavailable', facts);
  }
  const detail = pathProblem(Buffer.from(request.key));
  if (detail) throw new WaybillError('KeyRefused', { detail });
  const done = await sampleLock.acquire(1);
  const dir = mkdtempSync(join(tmpdir(), 'waybill-sample-'));
  try {
    return await runIn(dir, program, plan, request);
  } finally {
    rmSync(dir, { recursive: true, force: true });
    done();
  }
}

type Line = Record<string, unknown> & { type?: string };
type Made = Omit<SampleResult['made'][number], 'preview'>;

async function runIn(
  dir: string,
  program: string,
  plan: ProcessingPlan,
  { key, content }: SampleRequest,
): Promise<SampleResult> {
  const [source, steps, output] = ['source', 'steps.json', 'output'].map((name) => join(dir, name));
  if (!source || !steps || !output) throw new RangeError('three names make three paths');
  const path = join(source, key);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  writeFileSync(steps, JSON.stringify(bounded(plan)));
  const lines = await run(dir, [
    program,
    'process',
    source,
    '--steps',
    steps,
    '--output-dir',
    output,
  ]);
  // After the file itself come lists, of one line.
  const items = lines.filter(({ type }) => type === 'item');
  const [item] = items;
  const result = lines.find(({ type }) => type === 'result');
  if (!item || !result) throw errorOf(lines.find(({ type }) => type === 'error'));
  const all = items.flatMap((one) => one.made as Made[]);
  const made = all.map((one) => ({
    ...one,
    preview: previewOf(join(output, one.key)),
  }));
  const { outcome } = item as { outcome: SampleResult['outcome'] };
  const told = typeof item.detail === 'string' ? { detail: item.detail } : {};
  const { steps: results } = result.processing as { steps: SampleResult['steps'] };
  return { outcome, ...told, made, steps: results };
}

const bounded = ({ steps, ...plan }: ProcessingPlan): ProcessingPlan => ({
  ...plan,
  steps: steps.map((step) =>
    'maxOutputBytes' in step
      ? { ...step, maxOutputBytes: Math.min(Number(step.maxOutputBytes), OUTPUT_BYTES_MAX) }
      : step,
  ),
});

/** What the agent says; files that grow over the limit end it. */
function run(cwd: string, args: string[]): Promise<Line[]> {
  const blocks = (OUTPUT_BYTES_MAX * 2) / 512;
  const limited = ['-c', `ulimit -f ${blocks} && exec "$@"`, 'sh', process.execPath];
  const env = { PATH: process.env.PATH, HOME: cwd, NODE_ENV: 'production' as const };
  const child = spawn('sh', [...limited, `--max-old-space-size=${HEAP_MB}`, ...args, '--json'], {
    cwd: process.cwd(),
    env,
    timeout: WITHIN_MS,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (text.startsWith('{')) lines.push(JSON.parse(text) as Line);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(lines));
  });
}

function errorOf(line: Line | undefined): WaybillError {
  const { code, message, next } = line ?? {};
  if (typeof code === 'string' && Object.hasOwn(ERRORS, code)) {
    const known = code as ErrorCode;
    const told = { message: String(message), next: String(next ?? describeError(known).next) };
    return Object.assign(new WaybillError(known), told);
  }
  return new WaybillError('ProcessingUnavailable', {
    step: 'one of them',
    detail: 'it took too long, or made too much of the sample',
    fix: 'try a smaller sample, or on a host: waybill process',
  });
}

/** The beginning of a text; null of anything else. */
function previewOf(path: string): string | null {
  if (!existsSync(path)) return '';
  const text = readFileSync(path)
    .subarray(0, PREVIEW_CHARACTERS * 4)
    .toString('utf8');
  const start = text.slice(0, PREVIEW_CHARACTERS);
  return /[\0\ufffd]/.test(start) ? null : start;
}
