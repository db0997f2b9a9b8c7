import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sizeOfTree } from '../measure/datasets.ts';
import { type Ended, type Measured, measure } from '../measure/measure.ts';
import type { Contestant, Step } from './contestants.ts';
import type { Arena } from './environment.ts';
import type { Series } from './workloads.ts';

/** A contestant did not do its work; the text says what was seen. */
export interface Failure {
  failed: string;
}

export interface StepResult {
  measured: { series: Series; run: Measured }[];
}

/** Runs one step in its arena and looks whether the work was done. */
export async function runStep(
  { id }: Contestant,
  step: Step,
  arena: Arena,
  syncDir: string | undefined,
): Promise<StepResult | Failure> {
  const { killAt, untilCopying } = step;
  const enough = (killAt ?? 0) * arena.source.bytes;
  const run = await measure(step.command(arena), arena.home, {
    syncDir,
    keepLines: untilCopying !== undefined,
    killWhen: killAt === undefined ? undefined : () => writtenBytes(arena.target) >= enough,
  });
  if (!run.killed && run.status !== 0)
    return { failed: `${id} ended with ${run.status}: ${talkOf(run)}` };
  const lacking = killAt === undefined ? missingFrom(step, arena) : undefined;
  if (lacking) return { failed: `${id} ended well, but ${lacking}` };
  const measured: StepResult['measured'] = [];
  const { seconds, cpuSeconds, rssBytes } = run;
  if (step.name)
    measured.push({ series: `${id}/${step.name}`, run: { seconds, cpuSeconds, rssBytes } });
  if (untilCopying) {
    const copying = secondsUntilCopying(run);
    if (copying === undefined) return { failed: `${id} never said that it copies` };
    const moment = { seconds: copying, cpuSeconds: undefined, rssBytes: undefined };
    measured.push({ series: `${id}/${untilCopying}`, run: moment });
  }
  return { measured };
}

const talkOf = ({ talk, lines }: Ended): string =>
  (talk || (lines.at(-1)?.text ?? '')).trim().split('\n').slice(-3).join(' / ');

/** Bytes that lie on a device now, by the blocks in use. */
export function writtenBytes(dir: string): number {
  let bytes = 0;
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    // A temporary file may be renamed meanwhile.
    const stat = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false });
    bytes += Math.min(stat?.size ?? 0, (stat?.blocks ?? 0) * 512);
  }
  return bytes;
}

/** When the agent's first line of the phase "copy" came. */
export const secondsUntilCopying = ({ lines }: Ended): number | undefined =>
  lines.find(({ text }) => text.includes('"type":"phase"') && text.includes('"copy"'))?.at;

function missingFrom({ leaves }: Step, arena: Arena): string | undefined {
  if (!leaves) return undefined;
  const { files, bytes } = sizeOfTree(arena[leaves.where]);
  const { source } = arena;
  if (leaves.exactly ? bytes !== source.bytes || files !== source.files : bytes < source.bytes)
    return `left ${files} files with ${bytes} bytes of ${source.files} with ${source.bytes}`;
  return undefined;
}
