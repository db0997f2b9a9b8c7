import { homedir } from 'node:os';
import { join } from 'node:path';
import { publish } from '../../lib/files/durable.ts';
import { makeFolders } from '../../lib/files/file-access.ts';
import type { Output } from '../output/output.ts';
import type { CredentialOptions } from './credentials.ts';
import { onState } from './state-errors.ts';

/** What every command gets besides its own options. */
export interface Context {
  output: Output;
  /** Aborts at the first SIGINT or SIGTERM; a second one ends the process at once. */
  signal: AbortSignal;
}

/** Exit code of a command that ended well. */
export type Finished = 0 | 1;

/** Where this host keeps the state of jobs. */
export const stateBase = (given: string | undefined): string =>
  // An empty variable, as scripts leave them, is none.
  given || process.env.WAYBILL_STATE || join(homedir(), '.local/state/waybill');

/** Where this host keeps what belongs to a job: scan list, problems, receipt, report, outbox. */
export const stateDir = (jobId: string, given: string | undefined): string =>
  join(stateBase(given), 'jobs', jobId);

/** In the state of a job: the receipt of its seal. */
export const RECEIPT_FILE = 'receipt.cms';

/** Options of the commands that work on a device. */
export interface DeviceCommandOptions extends CredentialOptions {
  device: string;
  state?: string;
  workers?: number;
  takeOverLock?: boolean;
}

/** Writes a file of a job's state durably, for its owner alone; returns its path. Throws StateUnavailable. */
export function writeState(dir: string, name: string, content: Uint8Array): string {
  const path = join(dir, name);
  onState(dir, () => {
    makeFolders(dir, 0o700);
    publish(path, content, 0o600);
  });
  return path;
}
