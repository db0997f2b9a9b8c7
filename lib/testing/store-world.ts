import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreKind } from '../domain/words.ts';
import { openStore } from '../stores/open.ts';
import type { NewObject, Store } from '../stores/store.ts';
import { tempDir } from './temp.ts';

/** An opened store with an empty bucket. */
export interface StoreWorld {
  store: Store;
  root: string;
  bucketDir: string;
  /** The bucket, opened once more. */
  reopen(): Store;
}

export function storeWorld(kind: StoreKind): StoreWorld {
  const root = tempDir();
  const bucketDir = join(root, 'bucket');
  mkdirSync(bucketDir);
  const reopen = () => openStore({ kind, root, bucket: 'bucket' });
  return { store: reopen(), root, bucketDir, reopen };
}

export const newObject = (key: string | Buffer, changes: Partial<NewObject> = {}): NewObject => ({
  ...{ key: Buffer.from(key), bytes: 0, mtimeNs: 0n, mode: 0o644 },
  ...changes,
});

/** Puts and commits an object, in one write a chunk. */
export async function putObject(
  store: Store,
  key: string | Buffer,
  content: string | Buffer[] = key.toString(),
  changes: Partial<NewObject> = {},
): Promise<void> {
  const chunks = typeof content === 'string' ? [Buffer.from(content)] : content;
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const writer = await store.put(newObject(key, { bytes, ...changes }));
  for (const chunk of chunks) if (chunk.length > 0) await writer.write(chunk);
  await writer.commit();
}

/** All bytes of an object, read in pieces of an odd size. */
export async function readObject(store: Store, key: string | Buffer): Promise<Buffer> {
  const reader = await store.open(Buffer.from(key));
  const pieces: Buffer[] = [];
  for (;;) {
    const buffer = Buffer.alloc(100_003);
    const got = await reader.read(buffer, 3, buffer.length - 3);
    if (got === 0) break;
    pieces.push(buffer.subarray(3, 3 + got));
  }
  await reader.close();
  return Buffer.concat(pieces);
}

/** The keys of a listing. */
export async function listKeys(
  store: Store,
  range: { prefix: string; begin?: string; end?: string } = { prefix: '' },
): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(range)) found.push(key.toString());
  return found;
}
