import { createHash } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';
import { syncPath } from '../../files/sync.ts';
import { openStore } from '../../stores/open.ts';
import { publicSpec } from '../../stores/store-spec.ts';
import { decodeBatch, readBatches, ScanListWriter } from './scan-list.ts';
import type { ScanItem } from './scan-tree.ts';
import type { StoreSource } from './source-spec.ts';

/**
 * The objects of a store as its listing was when the load of a job began: kept in the job's state directory, and read
 * from there when the load is run again. Without a directory the store is listed and nothing kept. Throws StoreEmptyRange.
 */
export async function* persistedListing(
  source: StoreSource,
  stateDir: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<ScanItem> {
  const { spec, prefix, begin, end, without } = source;
  // Another range has another listing.
  const range = JSON.stringify([publicSpec(spec), prefix, begin, end, without]);
  const path = stateDir && join(stateDir, fileName(range));
  let any = false;
  if (path && existsSync(path)) {
    for (const batch of readBatches(path))
      for (const entry of decodeBatch(batch)) {
        any = true;
        yield { entry };
      }
    if (!any) throw emptyRange(prefix);
    return;
  }
  const store = openStore(spec, signal);
  const list = new ScanListWriter(path && `${path}.new`);
  // A listing without an object is not kept: the run that it is of has failed.
  let isKept = false;
  try {
    for await (const object of store.list({ prefix, begin, end, without })) {
      const entry = { ...object, replaces: false, unsettled: object.isBare === true };
      list.add({ ...entry });
      any = true;
      yield { entry };
    }
    isKept = any;
  } finally {
    list.close({ durable: isKept });
    if (path && isKept) {
      renameSync(`${path}.new`, path);
      syncPath(dirname(path));
    } else if (path) rmSync(`${path}.new`, { force: true });
    await store.close();
  }
  if (!any) throw emptyRange(prefix);
}

const emptyRange = (prefix: string): WaybillError =>
  new WaybillError('StoreEmptyRange', { prefix: prefix || '(everything)' });

const fileName = (range: string): string =>
  `listing-${createHash('sha256').update(range).digest('hex').slice(0, 16)}.list`;
