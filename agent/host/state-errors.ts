import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '../../lib/domain/errors.ts';
import { errnoOf } from '../../lib/files/errno.ts';

/** Runs work on this host's own files of a job, with its file system errors translated. Throws StateUnavailable. */
export function onState<T>(dir: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw stateError(error, dir);
  }
}

/** A file of a job's state and when it was written; undefined when there is none. Throws StateUnavailable. */
export function readState(dir: string, name: string): { content: Buffer; mtime: Date } | undefined {
  return onState(dir, () => {
    const path = join(dir, name);
    try {
      return { content: readFileSync(path), mtime: statSync(path).mtime };
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return undefined;
      throw error;
    }
  });
}

function stateError(error: unknown, path: string): unknown {
  const detail = errnoOf(error);
  // Errors of other kinds are bugs, or typed already.
  if (detail === undefined || !/^E[A-Z0-9]+$/.test(detail)) return error;
  return new WaybillError('StateUnavailable', { path, detail }, { cause: error });
}
