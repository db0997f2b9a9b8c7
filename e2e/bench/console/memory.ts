import { readFileSync } from 'node:fs';
import { at } from './numbers.ts';

/** Resident memory of a process, MB; 0 where the system does not tell (Linux does). */
export function residentOf(pid: number): number {
  try {
    const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Math.round((Number(kib ?? 0) * 1024) / 1e6);
  } catch {
    return 0;
  }
}

/** How much the median of the last quarter is above that of the second one, MB: the first warms up. */
export function growthOf(samples: readonly number[]): number {
  const quarter = Math.floor(samples.length / 4);
  const median = (from: number, to: number) => at(samples.slice(from, to), 0.5);
  return median(samples.length - quarter, samples.length) - median(quarter, 2 * quarter);
}
