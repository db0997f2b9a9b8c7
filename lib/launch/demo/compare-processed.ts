import { createHash, type Hash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessingPlan } from '../../domain/processing.ts';
import { stepDigest } from '../../processing/compiled-plan.ts';
import { fileBody } from '../../processing/file-body.ts';
import { runSample, type Sampled } from '../../processing/sample.ts';
import { type Comparison, dataBelow, digestOf, filesBelow, noDifference } from './compare-trees.ts';

/** What an object of the destination has to be. */
interface Expected {
  /** SHA-256, hex. */
  sha256: string;
  /** Key of the object it was made of, if a step made it. */
  madeOf?: string;
}

interface ProvenanceLine {
  key: string;
  sha256: string;
  source?: { key: string; sha256: string };
  steps?: { step: string; digest: string }[];
  kept?: { step: string };
  /** It is a list of so many lines, made of all objects together. */
  lines?: number;
}

export interface ProcessedComparison extends Comparison {
  /** Objects that steps made, each found with its line of provenance. */
  made: number;
}

/**
 * Runs the steps on every object of the source once more, apart from agent and volume, and compares what comes out
 * with the destination, byte by byte by SHA-256 and in both directions; then every line of provenance with both.
 * Names are UTF-8. Paths of the destination that start with `except` are not part of the data.
 */
export async function compareProcessed(on: {
  source: string;
  destination: string;
  except: string;
  plan: ProcessingPlan;
  /** File of the report, JSON Lines. */
  provenance: string;
}): Promise<ProcessedComparison> {
  const { source, destination, except, plan } = on;
  const result = { ...noDifference(), made: 0 };
  const expected = await expectedOf(source, plan);
  for (const [key, { sha256 }] of expected) {
    if (sha256 === digestOf(destination, latin1(key))) result.same += 1;
    else result.add(key);
  }
  for (const path of dataBelow(destination, except))
    if (!expected.has(utf8(path))) result.add(utf8(path));
  const told = new Map(readLines(on.provenance).map((line) => [line.key, line]));
  for (const [key, { sha256, madeOf }] of expected) {
    if (madeOf === undefined) continue;
    if (explains(told.get(key), { sha256, madeOf }, on)) result.made += 1;
    else result.add(`${key} (provenance)`);
    told.delete(key);
  }
  for (const line of told.values()) {
    const isList = line.lines !== undefined && line.sha256 === expected.get(line.key)?.sha256;
    if (!line.kept && !isList) result.add(`${line.key} (provenance)`);
  }
  return result;
}

/** Whether a line says rightly of what, and by which steps, an object was made. */
function explains(
  line: ProvenanceLine | undefined,
  { sha256, madeOf }: Required<Expected>,
  { source, plan }: { source: string; plan: ProcessingPlan },
): boolean {
  const known = plan.steps.map((step) => `${step.step} ${stepDigest(step)}`);
  return (
    line?.sha256 === sha256 &&
    line.source?.key === madeOf &&
    line.source.sha256 === digestOf(source, latin1(madeOf)) &&
    (line.steps ?? []).length > 0 &&
    (line.steps ?? []).every(({ step, digest }) => known.includes(`${step} ${digest}`))
  );
}

/** Every object that the destination has to have, by key. */
async function expectedOf(source: string, plan: ProcessingPlan): Promise<Map<string, Expected>> {
  const expected = new Map<string, Expected>();
  const hashes = new Map<string, Hash>();
  const onChunk = (key: string, chunk: Uint8Array) => {
    const hash = hashes.get(key) ?? createHash('sha256');
    hashes.set(key, hash.update(chunk));
  };
  const network = plan.steps.some((step) => step.network === true);
  for await (const sampled of runSample({ plan, network, onChunk }, objectsOf(source))) {
    const { key, outcome, made } = sampled;
    for (const output of made) {
      const sha256 = (hashes.get(output.key) ?? createHash('sha256')).digest('hex');
      expected.set(output.key, outcome === 'listed' ? { sha256 } : { sha256, madeOf: key });
    }
    hashes.clear();
    const sha256 = staysAsItWas(outcome, plan) ? digestOf(source, latin1(key)) : undefined;
    if (sha256) expected.set(key, { sha256 });
  }
  return expected;
}

function staysAsItWas(outcome: Sampled['outcome'], plan: ProcessingPlan): boolean {
  if (outcome === 'failed') return plan.onFailure === 'keep';
  return outcome === 'unchanged' || (outcome === 'made' && plan.originals === 'keep');
}

async function* objectsOf(source: string) {
  for (const path of filesBelow(source)) {
    const key = utf8(path);
    const { size, mtimeNs } = lstatSync(join(source, key), { bigint: true });
    const body = fileBody(join(source, key));
    yield { key, bytes: path.endsWith('/') ? 0 : Number(size), mtimeNs, body };
  }
}

const readLines = (file: string): ProvenanceLine[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ProvenanceLine);

const utf8 = (path: string): string => Buffer.from(path, 'latin1').toString('utf8');
const latin1 = (key: string): string => Buffer.from(key).toString('latin1');
