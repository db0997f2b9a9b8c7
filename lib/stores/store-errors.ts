import { WaybillError } from '../domain/errors.ts';
import { refusalFacts } from '../domain/store-refusals.ts';
import { errnoOf } from '../files/errno.ts';

/** What a file system error in a store means to its user. Typed errors pass through. */
export function storeError(error: unknown): Error {
  if (error instanceof WaybillError) return error;
  const detail = errnoOf(error);
  switch (detail) {
    case undefined:
      return error instanceof Error ? error : new Error(String(error));
    case 'ENOSPC':
    case 'EDQUOT':
      return new WaybillError('StoreFull', { detail }, { cause: error });
    case 'EROFS':
      return new WaybillError('StoreRefuses', refusalFacts('read-only', detail), { cause: error });
    case 'EACCES':
    case 'EPERM':
      return new WaybillError('StoreRefuses', refusalFacts('right', detail), { cause: error });
    case 'EMFILE':
    case 'ENFILE':
      return new WaybillError('HostLimit', { detail }, { cause: error });
    case 'ENAMETOOLONG':
      return new WaybillError(
        'KeyRefused',
        { detail: 'a part of it is too long' },
        { cause: error },
      );
    case 'ENOTDIR':
    case 'EISDIR':
    case 'EEXIST':
    case 'ENOTEMPTY':
      return new WaybillError('StoreKeyConflict', {}, { cause: error });
    default:
      return new WaybillError('StoreUnavailable', { detail }, { cause: error });
  }
}

/** Runs store work with its file system errors translated. */
export function onStore<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeError(error);
  }
}
