import type { StoreChange, StoreRequest } from '../../lib/api/schemas/store-schemas.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import type { StorageClass } from '../../lib/domain/storage-classes.ts';
import { missingRights, STORE_RIGHTS } from '../../lib/domain/store-rights.ts';
import { STORE_KINDS, type StoreKind } from '../../lib/domain/words.ts';
import { tryRights } from '../../lib/stores/access-check/check-access.ts';
import { consoleClient } from '../console/client.ts';
import type { ConsoleOptions } from '../console/sign-in.ts';
import type { Context, Finished } from '../host/context.ts';
import { parseKeyPair } from '../host/key-pair.ts';
import { readGiven } from '../host/read-input-file.ts';
import { listItems } from '../output/output.ts';
import { plain, table } from '../output/table.ts';

/** Kinds of stores that can be added. */
export const ADDED_KINDS: readonly StoreKind[] = STORE_KINDS;

/** Lists stores. */
export async function listStores(options: ConsoleOptions, { output }: Context): Promise<Finished> {
  const { stores } = await consoleClient(options).client.call('listStores');
  const lines = table(
    ['STORE', 'NAME', 'KIND', 'PLACE'],
    stores.map(({ id, name, kind, root, remote }) => [
      ...[id, name, kind],
      remote ? remote.endpoint || remote.region : root,
    ]),
  );
  listItems(
    output,
    stores.map((store) => ({ store })),
    lines,
  );
  output.result({ facts: { stores: stores.length }, lines: [`${stores.length} stores`] });
  return 0;
}

export interface AddStoreOptions extends ConsoleOptions {
  kind: StoreKind;
  root?: string;
  endpoint?: string;
  region?: string;
  /** The key pair is in this file; `-` is standard input. */
  accessKeyFile?: string;
  virtualHost?: boolean;
  storageClass?: StorageClass;
  sse?: 'AES256' | 'aws:kms';
  sseKey?: string;
  name?: string;
  bucket?: string;
}

/** Adds a store. */
export async function addStore(
  id: string,
  { kind, name = id, bucket, ...options }: AddStoreOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const body: StoreRequest = {
    id,
    name,
    kind,
    ...placeOf(options),
    ...(bucket === undefined ? {} : { bucket }),
  };
  const store = await client.call('addStore', { body });
  output.result({ facts: { store }, lines: [`added store ${plain(store.id)} (${store.kind})`] });
  return 0;
}

/** A directory, or an endpoint with its key pair. Throws Usage. */
function placeOf(
  options: Omit<AddStoreOptions, 'kind'>,
): Pick<StoreRequest, 'root' | 'remote' | 'credentials'> {
  const { root, endpoint = '', region, accessKeyFile, storageClass, sse, sseKey } = options;
  if (root !== undefined) return { root };
  if (region === undefined || accessKeyFile === undefined)
    throw new WaybillError('Usage', {
      detail: 'give --root, or --region and --access-key-file, with --endpoint unless it is AWS',
    });
  const encryption =
    sse === 'aws:kms' ? { mode: sse, ...(sseKey ? { keyId: sseKey } : {}) } : sse && { mode: sse };
  return {
    remote: {
      endpoint,
      region,
      pathStyle: endpoint !== '' && options.virtualHost !== true,
      ...(storageClass ? { storageClass } : {}),
      ...(encryption ? { encryption } : {}),
    },
    credentials: readKeyPair(accessKeyFile),
  };
}

const readKeyPair = (path: string) => parseKeyPair(readGiven(path).toString('utf8'));

export interface ChangeStoreOptions extends ConsoleOptions {
  reportsBucket?: string;
  reportsPrefix?: string;
  readTwice?: boolean;
  opaqueEtags?: boolean;
  forgetMarkers?: boolean;
}

/**
 * Changes where reports lie, how exports read a store, and whether its buckets were replaced; what is not given stays.
 */
export async function changeStore(
  storeId: string,
  options: ChangeStoreOptions,
  { output }: Context,
): Promise<Finished> {
  const { reportsBucket, reportsPrefix, readTwice, opaqueEtags, forgetMarkers } = options;
  const { client } = consoleClient(options);
  const { stores } = await client.call('listStores');
  const store = stores.find(({ id }) => id === storeId);
  if (!store) throw new WaybillError('NotFound', { what: 'store', id: storeId });
  const { settings, remote } = store;
  if (opaqueEtags !== undefined && !remote)
    throw new WaybillError('Usage', { detail: '--opaque-etags: a directory has no ETags' });
  const { bucket, prefix } = settings?.reports ?? {};
  const body: StoreChange = {
    settings: {
      reports: {
        bucket: reportsBucket === undefined ? bucket : reportsBucket || undefined,
        prefix: reportsPrefix === undefined ? prefix : reportsPrefix || undefined,
      },
      readTwice: readTwice ?? settings?.readTwice,
    },
    remote:
      opaqueEtags === undefined || !remote
        ? undefined
        : { ...remote, etags: opaqueEtags ? 'opaque' : undefined },
    forgetMarkers,
  };
  const changed = await client.call('changeStore', { params: { storeId }, body });
  output.result({ facts: { store: changed }, lines: [`changed store ${plain(storeId)}`] });
  return 0;
}

/** Gives a store behind an endpoint another key pair. */
export async function changeStoreKey(
  storeId: string,
  { accessKeyFile, ...options }: ConsoleOptions & { accessKeyFile: string },
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const body = readKeyPair(accessKeyFile);
  await client.call('changeStoreCredentials', { params: { storeId }, body });
  output.result({ facts: { storeId }, lines: [`store ${plain(storeId)} has a new key pair`] });
  return 0;
}

/**
 * Tries each right that Waybill needs in a bucket: of a directory from this host; of an endpoint from the
 * console's, which has the key pair. Throws StoreUnavailable when one is refused.
 */
export async function checkStore(
  id: string,
  { bucket, ...options }: ConsoleOptions & { bucket: string },
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const { stores } = await client.call('listStores');
  const store = stores.find((candidate) => candidate.id === id);
  if (!store) throw new WaybillError('NotFound', { what: 'store', id });
  const { kind, root, remote, markers } = store;
  const { rights, notes } = remote
    ? await client.call('checkStore', { params: { storeId: id }, body: { bucket } })
    : {
        rights: (await tryRights({ kind, root, bucket, marker: markers[bucket] })).trials,
        notes: [],
      };
  const missing = missingRights(rights);
  if (missing) throw new WaybillError('StoreUnavailable', { detail: `it refuses to ${missing}` });
  const host = remote ? 'the console’s host' : 'this host';
  output.result({
    facts: { storeId: id, bucket, rights, notes },
    lines: [
      `${host} has every right in bucket ${bucket} of store ${id}:`,
      ...rights.map(({ right }) => `  ${STORE_RIGHTS[right].label.toLowerCase()}`),
      ...notes,
    ],
  });
  return 0;
}
