import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { freemem } from 'node:os';
import { join, resolve } from 'node:path';
import { GB, MiB } from '../../../lib/domain/sizes.ts';

/** Magic number of tmpfs: statfs(2). */
const TMPFS_MAGIC = 0x01021994;
/** Share that is left free: of a disk, and of memory, where programs have to live too. */
const SPARE = { disk: 0.1, memory: 0.25 };

export const isTmpfs = (dir: string): boolean =>
  process.platform === 'linux' && existsSync(dir) && statfsSync(dir).type === TMPFS_MAGIC;

/** A new directory of the benchmark in memory or on the disk. */
export interface Place {
  name: PlaceName;
  dir: string;
}

/** Bytes that may be used of a place: in memory also no more than the machine has to spare. */
export function roomIn(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  const free = bavail * bsize * (1 - SPARE.disk);
  return isTmpfs(dir) ? Math.min(free, availableMemory() * (1 - SPARE.memory)) : free;
}

function availableMemory(): number {
  try {
    const line = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'));
    return line ? Number(line[1]) * 1024 : freemem();
  } catch {
    return freemem();
  }
}

/** Writes so many bytes of memory, whose number comes as its argument, and ends. */
const TOUCH = `for (let left = Number(process.argv[1]), kept = []; left > 0; left -= ${64 * MiB})
  kept.push(Buffer.alloc(${64 * MiB}, 1));`;

/**
 * Uses and gives back the memory that a run of so many bytes is going to need. The host of a virtual machine may have
 * taken back what was idle, and whoever comes first would wait for it.
 */
export function warmMemory(bytes: number): void {
  const wanted = Math.min(bytes * 1.2 + GB, availableMemory() * (1 - SPARE.memory));
  spawnSync(process.execPath, ['-e', TOUCH, String(Math.round(wanted))], { stdio: 'ignore' });
}

const made = new Set<string>();

export function makePlace(name: PlaceName, parent: string): Place {
  const dir = mkdtempSync(join(resolve(parent), 'waybill-bench-'));
  made.add(dir);
  return { name, dir };
}

/** Removes everything the benchmark made. */
export function removePlaces(): void {
  for (const dir of made) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  made.clear();
}

export const PLACE_NAMES = ['tmpfs', 'disk'] as const;

export type PlaceName = (typeof PLACE_NAMES)[number];
