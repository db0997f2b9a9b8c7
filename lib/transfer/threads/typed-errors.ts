import { WaybillError } from '../../domain/errors.ts';
import { deviceError } from '../../files/durable.ts';
import { errnoOf } from '../../files/errno.ts';

/**
 * Runs a transfer with the file system errors that come out of it translated: what names a path of the device is
 * the device's error; what is left belongs to this host's own files, below `stateDir`.
 */
export async function typedErrors<T>(
  places: { deviceDir: string; stateDir?: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw typed(error, places);
  }
}

function typed(error: unknown, places: { deviceDir: string; stateDir?: string }): unknown {
  const code = errnoOf(error);
  // Errors of other kinds are bugs, and stay what they are.
  if (error instanceof WaybillError || code === undefined || !/^E[A-Z0-9]+$/.test(code))
    return error;
  const path = error instanceof Error && 'path' in error ? String(error.path) : '';
  if (path.startsWith(places.deviceDir) || !places.stateDir) {
    return deviceError(error, places.deviceDir);
  }
  if (code === 'EMFILE' || code === 'ENFILE') return deviceError(error, places.stateDir);
  const facts = { path: places.stateDir, detail: code };
  return new WaybillError('StateUnavailable', facts, { cause: error });
}
