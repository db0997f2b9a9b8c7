import { WaybillError } from '../domain/errors.ts';
import type { StoreKind } from '../domain/words.ts';
import { openDirectoryStore } from './directory/directory-store.ts';
import { openEbsStore } from './ebs/ebs-store.ts';
import { openEbsSnapshots } from './ebs/snapshot-store.ts';
import { openGlacierStore } from './glacier/glacier-store.ts';
import { openS3Store } from './s3/s3-store.ts';
import type { Store } from './store.ts';
import type { FolderSpec, RemoteSpec, StoreSpec } from './store-spec.ts';

const FOLDER_OPENERS: Partial<Record<StoreKind, (spec: FolderSpec) => Store>> = {
  directory: openDirectoryStore,
  glacier: openGlacierStore,
  ebs: openEbsStore,
};

type OpenRemote = (spec: RemoteSpec, signal: AbortSignal | undefined) => Store;
const REMOTE_OPENERS: Partial<Record<StoreKind, OpenRemote>> = {
  s3: openS3Store,
  glacier: openS3Store,
  ebs: openEbsSnapshots,
};

/**
 * Opens a store by its kind and place. When the signal aborts, what it is doing ends with Stopped: one behind an endpoint may
 * never answer. Throws StoreUnavailable for a kind that is not to be had there.
 */
export function openStore(spec: StoreSpec, signal?: AbortSignal): Store {
  const store =
    'root' in spec ? FOLDER_OPENERS[spec.kind]?.(spec) : REMOTE_OPENERS[spec.kind]?.(spec, signal);
  if (store) return store;
  const place = 'root' in spec ? 'in a directory' : 'behind an endpoint';
  throw new WaybillError('StoreUnavailable', { detail: `there is no ${spec.kind} store ${place}` });
}
