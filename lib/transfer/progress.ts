import type { ErrorCode } from '../domain/errors.ts';
import type { Control } from './control.ts';

export type Phase = 'scan' | 'copy' | 'parity' | 'verify' | 'seal' | 'import' | 'export' | 'erase';

/** What a transfer tells while it runs. Sizes bytes; totals are 0 while they are not known. */
export type TransferEvent =
  | { kind: 'phase'; phase: Phase }
  | {
      kind: 'progress';
      phase: Phase;
      objects: number;
      bytes: number;
      totalObjects: number;
      totalBytes: number;
      skipped: number;
      failed: number;
    }
  | { kind: 'problem'; key: string; code: ErrorCode; message: string; next: string };

/** What every transfer takes besides its own options. */
export interface RunOptions {
  signal?: AbortSignal;
  onEvent?: (event: TransferEvent) => void;
  /** Threads; 0 works in the calling thread. Default: the processors of the host, 8 at most. */
  workers?: number;
}

const TICK_MS = 200;

/** Reports the shared counters five times a second until the returned function is called, which reports once more. */
export function startTicking(
  phase: Phase,
  control: Control,
  totals: { objects: number; bytes: number },
  onEvent: RunOptions['onEvent'],
): () => void {
  onEvent?.({ kind: 'phase', phase });
  const tick = () =>
    onEvent?.({
      kind: 'progress',
      phase,
      objects: control.get('objects'),
      bytes: control.get('bytes'),
      totalObjects: totals.objects,
      totalBytes: totals.bytes,
      skipped: control.get('skipped'),
      failed: control.get('failed'),
    });
  const timer = setInterval(tick, TICK_MS);
  return () => {
    clearInterval(timer);
    tick();
  };
}

const WINDOW_MS = 10_000;

/** Rate over the last ten seconds, and what is left of the way. */
export function createRate(): {
  update(bytes: number, atMs: number): void;
  readonly bytesPerSecond: number;
  /** Milliseconds for so many bytes; undefined while nothing moves. */
  etaMs(remaining: number): number | undefined;
} {
  const samples: { bytes: number; atMs: number }[] = [];
  const rate = () => {
    const first = samples[0];
    const last = samples.at(-1);
    if (!first || !last || last.atMs <= first.atMs) return 0;
    return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs);
  };
  return {
    update(bytes, atMs) {
      samples.push({ bytes, atMs });
      while (samples.length > 2 && (samples[0]?.atMs ?? 0) < atMs - WINDOW_MS) samples.shift();
    },
    get bytesPerSecond() {
      return rate();
    },
    etaMs: (remaining) => (rate() > 0 ? (remaining * 1000) / rate() : undefined),
  };
}
