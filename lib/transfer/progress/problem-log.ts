import { closeSync, openSync, readFileSync } from 'node:fs';
import { describeError, ERRORS, type ErrorCode, type Facts } from '../../domain/errors.ts';
import { printableKey } from '../../domain/report.ts';
import { writeAll } from '../../files/file-access.ts';
import type { OmittedLine } from '../../volume/catalog/seal-lines.ts';
import type { TransferEvent } from './progress.ts';

/** An object that was not copied, as callers show it. */
export interface Problem {
  key: string;
  code: ErrorCode;
  message: string;
}

/** In the state of a job. */
export const PROBLEMS_FILE = 'problems.jsonl';
const KEPT = 100;

/** Collects what was left out or failed: the first hundred in memory, all of them in a file (JSON Lines). */
export class ProblemLog {
  readonly first: Problem[] = [];
  skipped = 0;
  failed = 0;
  readonly path: string;
  readonly #fd: number;
  readonly #onEvent: ((event: TransferEvent) => void) | undefined;

  constructor(path: string, onEvent: ((event: TransferEvent) => void) | undefined) {
    this.path = path;
    this.#fd = openSync(path, 'w', 0o600);
    this.#onEvent = onEvent;
  }

  add(key: Uint8Array, code: ErrorCode, facts: Facts = {}): void {
    const { message, next } = describeError(code, facts);
    const shown = printableKey(key);
    if (ERRORS[code].exit === 0) this.skipped += 1;
    else this.failed += 1;
    if (this.first.length < KEPT) this.first.push({ key: shown, code, message });
    const line: OmittedLine = { omitted: Buffer.from(key).toString('base64'), code, message };
    writeAll(this.#fd, Buffer.from(`${JSON.stringify(line)}\n`));
    this.#onEvent?.({ kind: 'problem', key: shown, code, message, next });
  }

  /** Tells of an object that is on the volume, but not as it should be. */
  tell(key: Uint8Array | string, code: ErrorCode, facts: Facts = {}): void {
    const { message, next } = describeError(code, facts);
    const shown = printableKey(Buffer.from(key));
    if (this.first.length < KEPT) this.first.push({ key: shown, code, message });
    this.#onEvent?.({ kind: 'problem', key: shown, code, message, next });
  }

  /** Closes the file; returns its lines. */
  close(): Buffer {
    closeSync(this.#fd);
    return readFileSync(this.path);
  }
}
