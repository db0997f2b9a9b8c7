import { resolve, sep } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';
import { deviceError } from '../../files/durable.ts';
import { errnoOf } from '../../files/errno.ts';
import { storeError } from '../../stores/store-errors.ts';

/** The places of a transfer, by which its file system errors are told apart. */
export interface Places {
  deviceDir: string;
  stateDir?: string;
  /** Where it writes to, or reads from: with a root where that is a directory of this host. */
  target?: { root: string } | { spec: object } | undefined;
  source?: { root: string } | { path: string } | { spec: object } | undefined;
}

/**
 * Runs a transfer with the file system errors that come out of it translated, by the place that their path lies in:
 * device, destination or source. Of this host's own files, below `stateDir`, are those that name no path: they come
 * from files that are open.
 */
export async function typedErrors<T>(places: Places, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw typed(error, places);
  }
}

function typed(error: unknown, places: Places): unknown {
  const code = errnoOf(error);
  // Errors of other kinds are bugs, and stay what they are.
  if (error instanceof WaybillError || code === undefined || !/^E[A-Z0-9]+$/.test(code))
    return error;
  const { deviceDir, stateDir } = places;
  if (code === 'EMFILE' || code === 'ENFILE') return deviceError(error, stateDir ?? deviceDir);
  const path = error instanceof Error && 'path' in error ? String(error.path) : '';
  if (!stateDir || liesBelow(path, deviceDir)) return deviceError(error, deviceDir);
  // A folder above it that cannot be made is its own trouble.
  const isMade = error instanceof Error && 'syscall' in error && error.syscall === 'mkdir';
  if (path === '' || liesBelow(path, stateDir) || (isMade && liesBelow(stateDir, path)))
    return new WaybillError('StateUnavailable', { path: stateDir, detail: code }, { cause: error });
  if (liesBelow(path, placeOf(places.target))) return storeError(error);
  const source = placeOf(places.source);
  if (source !== undefined && liesBelow(path, source))
    return new WaybillError('SourceNotFound', { path: source, detail: code }, { cause: error });
  return error;
}

/** The directory, or file, of this host that a source or destination is; undefined of a store at an endpoint. */
function placeOf(place: Places['target'] | Places['source']): string | undefined {
  if (!place) return undefined;
  if ('path' in place) return place.path;
  const at = 'spec' in place ? place.spec : place;
  return 'root' in at && typeof at.root === 'string' ? at.root : undefined;
}

function liesBelow(path: string, dir: string | undefined): boolean {
  if (path === '' || dir === undefined) return false;
  return `${resolve(path)}${sep}`.startsWith(`${resolve(dir)}${sep}`.replace(/\/+$/, sep));
}
