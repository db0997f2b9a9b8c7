import { readFileSync, writeFileSync } from 'node:fs';
import { ROOT } from '../root.mjs';

/** Bytes of the agent's file, and of the program of its threads within it: each start of either reads all of them. */
export interface Sizes {
  agent: number;
  thread: number;
}

/** So far a size may be from the recorded one. */
const LEEWAY = 0.05;
const RECORDED = `${ROOT}lib/launch/bundle/sizes.json`;
const RECORD = 'npm run build -- --record-sizes';
const NAMES = { agent: 'the agent', thread: 'the program of its threads' };

/** What is too far from its recorded size, and what to do about it. */
export function compareSizes(sizes: Sizes, recorded: Sizes): string[] {
  return (['agent', 'thread'] as const).flatMap((program) => {
    const [now, then] = [sizes[program], recorded[program]];
    if (Math.abs(now - then) <= then * LEEWAY) return [];
    const change = `${now > then ? '+' : ''}${((now / then - 1) * 100).toFixed(1)} %`;
    return [
      `${NAMES[program]} has ${now} bytes, recorded are ${then} (${change}): see what came or went, and if it is meant, ${RECORD}`,
    ];
  });
}

/** For people. */
export const describeSizes = ({ agent, thread }: Sizes): string =>
  `${NAMES.agent} has ${kilobytes(agent)}, of which ${NAMES.thread} ${kilobytes(thread)}`;

const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;

/** The sizes that are meant. */
export const recordedSizes = (): Sizes => JSON.parse(readFileSync(RECORDED, 'utf8')) as Sizes;

/** From now on these sizes are meant. */
export const recordSizes = (sizes: Sizes): void =>
  writeFileSync(RECORDED, `${JSON.stringify(sizes, null, 2)}\n`);
