import type { ObjectPauses } from '../../domain/object-attempts.ts';
import type { KeyRules } from '../../domain/object-keys.ts';
import type { ProcessingResults } from '../../domain/processing-results.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import type { AllowedProcessing } from '../process/scan-outputs.ts';
import type { Problem } from '../progress/problem-log.ts';
import type { ScanOptions } from '../scan/scan.ts';

export interface LoadOptions extends ScanOptions, VolumeSpec {
  /** What the destination allows of keys. */
  keyRules: KeyRules;
  agentVersion: string;
  /** A source that is empty, or lost most of its objects since the last load of it, is refused. */
  doubtsEmptySource?: boolean | undefined;
  /** Steps that the host's owner has allowed; only for sealed volumes. */
  processing?: AllowedProcessing | undefined;
  /** Pauses between attempts at one object of a store; the table's own when missing. */
  pausesMs?: ObjectPauses | undefined;
  /** Recovery data that is to follow, in percent of the bytes; room is kept for it. */
  parityPercent?: number | undefined;
}

/** Objects and bytes on the volume after the load (or, of a preflight, in the source). */
export interface LoadResult {
  objects: number;
  bytes: number;
  skipped: number;
  failed: number;
  /** Were on the volume before this run. */
  alreadyDone: number;
  /** What the steps did, in all runs; only with processing. */
  processing?: ProcessingResults | undefined;
  /** The first hundred; all are in `problemsFile` (JSON Lines). */
  problems: Problem[];
  problemsFile: string;
}
