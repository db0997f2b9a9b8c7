import { WaybillError } from '../domain/errors.ts';
import type { StoreKind } from '../domain/words.ts';
import { openDirectoryStore } from './directory.ts';
import { openEbsStore } from './ebs.ts';
import { openGlacierStore } from './glacier.ts';
import type { Store, StoreSpec } from './store.ts';

const OPENERS: Partial<Record<StoreKind, (spec: StoreSpec) => Store>> = {
  directory: openDirectoryStore,
  glacier: openGlacierStore,
  ebs: openEbsStore,
};

/** Opens a store by its kind. Throws StoreUnavailable for a kind this installation cannot reach. */
export function openStore(spec: StoreSpec): Store {
  const open = OPENERS[spec.kind];
  if (open) return open(spec);
  throw new WaybillError('StoreUnavailable', { detail: `no ${spec.kind} store is installed` });
}
