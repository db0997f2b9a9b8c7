import type { ErrorCode } from '../../domain/errors.ts';
import { type Control, stopOn } from '../threads/control.ts';

export type Phase = 'scan' | 'copy' | 'parity' | 'verify' | 'seal' | 'import' | 'export' | 'erase';

/** What a store took, or gave. */
export interface Landed {
  objects: number;
  bytesMax: number;
}

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
      /** What the store of the transfer took or gave in this run: how many objects, and the size of the largest. */
      landed?: Landed | undefined;
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

/** A transfer as its counters show it. */
interface Running {
  phase: Phase;
  control: Control;
  totals: { objects: number; bytes: number };
}

/**
 * Runs the work of a phase: tells of its shared counters five times a second, and once more at its end, and stops it when the
 * signal aborts. An error of who is told stops it too, and is thrown when the work has ended.
 */
export async function withProgress<T>(
  { phase, control, totals }: Running,
  { signal, onEvent }: RunOptions,
  work: () => Promise<T>,
): Promise<T> {
  let failure: { error: unknown } | undefined;
  const tell = (event: TransferEvent) => {
    try {
      if (!failure) onEvent?.(event);
    } catch (error) {
      failure = { error };
      control.stop();
    }
  };
  const tick = () =>
    tell({
      kind: 'progress',
      phase,
      objects: control.get('objects'),
      bytes: control.get('bytes'),
      totalObjects: totals.objects,
      totalBytes: totals.bytes,
      skipped: control.get('skipped'),
      failed: control.get('failed'),
      landed: { objects: control.get('landed'), bytesMax: control.get('landedBytesMax') },
    });
  tell({ kind: 'phase', phase });
  const timer = setInterval(tick, TICK_MS);
  const disconnect = stopOn(signal, control);
  try {
    return await work();
  } finally {
    disconnect();
    clearInterval(timer);
    tick();
    // biome-ignore lint/correctness/noUnsafeFinally: it stopped the work, whose own error says only that it was stopped.
    if (failure) throw failure.error;
  }
}
