import { WaybillError } from '../../lib/domain/errors.ts';
import { openStore } from '../../lib/stores/open.ts';
import { consoleClient } from '../console-client.ts';
import type { Context, Finished } from '../context.ts';
import { plain, table } from '../output/table.ts';
import type { ConsoleOptions } from '../sign-in.ts';

type Kind = 'directory' | 'glacier' | 'ebs';
/** Kinds of stores that can be added. */
export const ADDED_KINDS: readonly Kind[] = ['directory', 'glacier', 'ebs'];

/** Lists stores. */
export async function listStores(options: ConsoleOptions, { output }: Context): Promise<Finished> {
  const { stores } = await consoleClient(options).client.call('listStores');
  const lines = table(
    ['STORE', 'NAME', 'KIND', 'ROOT'],
    stores.map(({ id, name, kind, root }) => [id, name, kind, root]),
  );
  for (const [i, store] of stores.entries()) {
    output.item({ facts: { store }, lines: i === 0 ? lines.slice(0, 2) : [lines[i + 1] ?? ''] });
  }
  output.result({ facts: { stores: stores.length }, lines: [`${stores.length} stores`] });
  return 0;
}

export interface AddStoreOptions extends ConsoleOptions {
  kind: Kind;
  root: string;
  name?: string;
  bucket?: string;
}

/** Adds a store. */
export async function addStore(
  id: string,
  { kind, root, name = id, bucket, ...options }: AddStoreOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const body = { id, name, kind, root, ...(bucket === undefined ? {} : { bucket }) };
  const store = await client.call('addStore', { body });
  output.result({ facts: { store }, lines: [`added store ${plain(store.id)} (${store.kind})`] });
  return 0;
}

/** Opens a store from this host and proves that it can list, write and read a bucket. Throws StoreUnavailable. */
export async function checkStore(
  id: string,
  { bucket, ...options }: ConsoleOptions & { bucket: string },
  { output }: Context,
): Promise<Finished> {
  const { stores } = await consoleClient(options).client.call('listStores');
  const store = stores.find((candidate) => candidate.id === id);
  if (!store) throw new WaybillError('NotFound', { what: 'store', id });
  await openStore({ kind: store.kind, root: store.root, bucket }).check();
  output.result({
    facts: { storeId: id, bucket },
    lines: [`this host can list, write and read bucket ${bucket} of store ${id}`],
  });
  return 0;
}
