import { readdirSync, readFileSync } from 'node:fs';

/** Memory and processor time of a running command and everything it started. Linux only; elsewhere unknown. */

const SAMPLE_MS = 50;
/** USER_HZ of every Linux architecture that Node runs on. */
const TICKS_A_SECOND = 100;

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It ended meanwhile.
    return '';
  }
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/**
 * The process and all below it: /proc/<pid>/task/<tid>/children (proc(5)). Left out is what has been forked and does not
 * run a program of its own yet: its memory is its parent's, and would count twice.
 */
function treeOf(root: number): number[] {
  const found: number[] = [];
  const waiting = [root];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    found.push(pid);
    const program = read(`/proc/${pid}/cmdline`);
    const runsItsOwn = (child: number) => read(`/proc/${child}/cmdline`) !== program;
    for (const thread of threadsOf(pid)) {
      const children = read(`/proc/${pid}/task/${thread}/children`).trim();
      if (children) waiting.push(...children.split(' ').map(Number).filter(runsItsOwn));
    }
  }
  return found;
}

const kilobytes = (status: string, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);

/** Resident bytes now. A process alone is asked for its own highest mark, which misses nothing. */
function residentBytes(root: number): number {
  const tree = treeOf(root).map((pid) => read(`/proc/${pid}/status`));
  const field = tree.length === 1 ? 'VmHWM' : 'VmRSS';
  return tree.reduce((sum, status) => sum + kilobytes(status, field), 0) * 1024;
}

/** Watches a process tree until it is told to stop; then gives the highest sum of resident memory it saw, bytes. */
export function watchMemory(root: number): () => number | undefined {
  if (process.platform !== 'linux') return () => undefined;
  let peak = 0;
  const sample = () => {
    peak = Math.max(peak, residentBytes(root));
  };
  sample();
  const timer = setInterval(sample, SAMPLE_MS);
  return () => {
    clearInterval(timer);
    return peak > 0 ? peak : undefined;
  };
}

/** Seconds of processor time of all children that ended: cutime and cstime of /proc/self/stat. */
export function childrenCpuSeconds(): number | undefined {
  const stat = read('/proc/self/stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[13]) + Number(fields[14]);
  return Number.isFinite(ticks) ? ticks / TICKS_A_SECOND : undefined;
}
