import { setTimeout as sleep } from 'node:timers/promises';
import { runAgents } from './agents.ts';
import { growthOf, residentOf } from './memory.ts';
import type { ServedConsole } from './served-console.ts';

/** What 200 agents send in an hour that report every two seconds. */
const REPORTS = 360_000;
const MEMORY_EVERY_MS = 2000;
const GROWTH_MB_MAX = 50;
/** Samples that are shown. */
const SHOWN = 30;

/** Agents that do not wait, until the reports of an hour are in; what memory the console held meanwhile. */
export async function hourLines(
  { client, copyingIds, pid }: ServedConsole,
  say: (text: string) => void,
): Promise<string[]> {
  say('handing in reports as fast as they are taken');
  const startedAt = performance.now();
  const agents = runAgents(client, copyingIds, 0);
  const memory: number[] = [];
  while (agents.took.length < REPORTS) {
    await sleep(MEMORY_EVERY_MS);
    memory.push(residentOf(pid()));
    if (memory.length % SHOWN === 0) say(`${agents.took.length} reports, ${memory.at(-1)} MB`);
  }
  await agents.stop();
  const seconds = (performance.now() - startedAt) / 1000;
  const growth = growthOf(memory);
  const verdict = growth <= GROWTH_MB_MAX ? 'met' : '**missed**';
  const rate = Math.round(agents.took.length / seconds);
  const shown = memory.filter((_, i) => i % Math.ceil(memory.length / SHOWN) === 0);
  return [
    `- ${agents.took.length} reports of ${copyingIds.length} agents in ${seconds.toFixed(0)} s, ${rate} a second`,
    `- resident memory of the console, second quarter to last: ${growth} MB more (goal ≤ ${GROWTH_MB_MAX} MB: ${verdict})`,
    `- its course, MB: ${shown.join(', ')}`,
  ];
}
