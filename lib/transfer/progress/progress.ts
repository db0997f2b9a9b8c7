import type { ErrorCode } from '../../domain/errors.ts';
import type { Control } from '../threads/control.ts';

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
      landed: { objects: control.get('landed'), bytesMax: control.get('landedBytesMax') },
    });
  const timer = setInterval(tick, TICK_MS);
  return () => {
    clearInterval(timer);
    tick();
  };
}
