import { WaybillError } from '../domain/errors.ts';
import { openDirectoryStore } from './directory.ts';
import type { Store, StoreSpec } from './store.ts';

/** Opens a store by its kind. Throws StoreUnavailable for a kind this installation cannot reach. */
export function openStore(spec: StoreSpec): Store {
  if (spec.kind === 'directory') return openDirectoryStore(spec);
  throw new WaybillError('StoreUnavailable', { detail: `no ${spec.kind} store is installed` });
}
