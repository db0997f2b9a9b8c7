import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { publish } from '../../lib/files/durable.ts';
import type { Output } from '../output/output.ts';
import type { CredentialOptions } from './credentials.ts';

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
  given ?? process.env.WAYBILL_STATE ?? join(homedir(), '.local/state/waybill');

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

/** Writes a file of a job's state durably, for its owner alone; returns its path. */
export function writeState(dir: string, name: string, content: Uint8Array): string {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, name);
  publish(path, content, 0o600);
  return path;
}
