import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { WaybillError } from '../../lib/domain/errors.ts';
import { decodeKey, pathProblem } from '../../lib/domain/object-keys.ts';
import { stepRule } from '../../lib/domain/processing-steps.ts';
import { formatBytes } from '../../lib/domain/sizes.ts';
import { errnoOf } from '../../lib/files/errno.ts';
import { fileBody } from '../../lib/processing/file-body.ts';
import { runSample, type Sampled } from '../../lib/processing/sample.ts';
import { checkRoot } from '../../lib/transfer/scan/scan.ts';
import { scanTree } from '../../lib/transfer/scan/scan-tree.ts';
import { type ConsentOptions, consentTo, readPlan } from '../host/consent.ts';
import type { Context, Finished } from '../host/context.ts';
import { processingLines } from '../output/processing-lines.ts';

export interface ProcessOptions extends ConsentOptions {
  steps: string;
  dryRun?: boolean;
  outputDir?: string;
  limit: number;
}

/** Runs processing steps on the first objects of a directory, without a device, and says what comes out. */
export async function processSample(
  source: string,
  options: ProcessOptions,
  { output, signal }: Context,
): Promise<Finished> {
  const plan = readPlan(options.steps);
  const { dryRun, outputDir } = options;
  if (dryRun && outputDir !== undefined)
    throw new WaybillError('Usage', { detail: '--dry-run keeps nothing; leave out --output-dir' });
  checkRoot(source, outputDir === undefined ? undefined : made(outputDir));
  const code = plan.steps.some(({ step }) => stepRule(step).runsCode);
  const allowed = code ? consentTo(plan, options) : undefined;
  const onChunk = outputDir === undefined ? undefined : writerTo(outputDir);
  const sample = runSample(
    { plan, network: allowed?.network ?? false, ...(onChunk && { onChunk }) },
    objectsOf(source, options.limit, signal),
  );
  let failed = 0;
  for (;;) {
    const { value, done } = await sample.next();
    if (done) {
      output.result({ facts: { processing: value, failed }, lines: processingLines(value) });
      return failed > 0 ? 1 : 0;
    }
    if (value.outcome === 'failed') failed += 1;
    output.item({ facts: { ...value }, lines: sampleLines(value) });
  }
}

function made(outputDir: string): string {
  mkdirSync(outputDir, { recursive: true });
  return outputDir;
}

function sampleLines({ key, outcome, made, detail }: Sampled): string[] {
  if (outcome === 'failed') return [`${key}: failed: ${detail}`];
  if (outcome === 'left-out') return [`${key}: left out`];
  if (outcome === 'unchanged') return [`${key}: unchanged`];
  const outputs = made.map((one) => {
    const encoding = one.contentEncoding ? `, ${one.contentEncoding}` : '';
    return `${one.key} (${formatBytes(one.bytes)}${encoding})`;
  });
  if (outcome === 'listed') return [`${outputs.join(', ')}: a list of them`];
  return [`${key} → ${outputs.join(', ') || 'nothing'}`];
}

async function* objectsOf(source: string, limit: number, signal: AbortSignal) {
  let left = limit;
  for (const item of scanTree({ root: source, symlinks: 'skip' })) {
    signal.throwIfAborted();
    if (!('entry' in item)) continue;
    const { bytes, mtimeNs } = item.entry;
    const key = decodeKey(item.entry.key);
    if (key === undefined || key.endsWith('/')) continue;
    if (left === 0) return;
    left -= 1;
    yield { key, bytes, mtimeNs, body: fileBody(join(source, key)) };
  }
}

/** Writes what comes out below a folder; a key never leads out of it. Throws KeyRefused. */
function writerTo(outputDir: string): (key: string, chunk: Uint8Array) => void {
  const begun = new Set<string>();
  return (key, chunk) => {
    const detail = pathProblem(Buffer.from(key));
    if (detail) throw new WaybillError('KeyRefused', { detail });
    const path = resolve(outputDir, key);
    try {
      if (!begun.has(key)) {
        mkdirSync(dirname(path), { recursive: true });
        rmSync(path, { force: true });
        begun.add(key);
      }
      appendFileSync(path, chunk);
    } catch (error) {
      const errno = errnoOf(error) ?? '';
      if (!NAME_ERRORS.includes(errno)) throw error;
      throw new WaybillError('KeyRefused', { detail: `the output folder: ${errno}` });
    }
  };
}

/** Of a name that is too long, or of one below, or above, another output. */
const NAME_ERRORS = ['ENAMETOOLONG', 'EEXIST', 'ENOTDIR', 'EISDIR', 'ERR_FS_EISDIR'];
