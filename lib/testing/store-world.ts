import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreKind } from '../domain/words.ts';
import { openStore } from '../stores/open.ts';
import { openS3 } from '../stores/s3/client.ts';
import type { NewObject, Store } from '../stores/store.ts';
import type { RemoteSettings, RemoteSpec } from '../stores/store-spec.ts';
import type { LoopbackServer } from './servers/loopback-server.ts';
import { tempDir } from './temp.ts';

/** An opened store with an empty bucket. */
export interface StoreWorld {
  store: Store;
  /** The bucket, opened once more; or another one of the same store. */
  reopen(bucket?: string): Store;
}

/** One whose bucket is a directory. */
export interface FolderWorld extends StoreWorld {
  root: string;
  bucketDir: string;
}

export function storeWorld(kind: StoreKind): FolderWorld {
  const root = tempDir();
  const bucketDir = join(root, 'bucket');
  mkdirSync(bucketDir);
  const reopen = (bucket = 'bucket') => openStore({ kind, root, bucket });
  return { store: reopen(), root, bucketDir, reopen };
}

/** A new, empty bucket of a server. */
export async function remoteSpec(
  server: LoopbackServer,
  kind: StoreKind,
  settings: Partial<RemoteSettings> = {},
): Promise<RemoteSpec> {
  const { endpoint, region, credentials } = server;
  const remote = { endpoint, region, credentials, pathStyle: true, ...settings };
  const bucket = `bucket-${randomUUID()}`;
  const { client, sdk } = await openS3(remote);
  await client.send(new sdk.CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  return { kind, bucket, remote };
}

export async function remoteWorld(server: LoopbackServer, kind: StoreKind): Promise<StoreWorld> {
  const spec = await remoteSpec(server, kind);
  const reopen = (bucket = spec.bucket) => openStore({ ...spec, bucket });
  return { store: reopen(), reopen };
}

export const newObject = (key: string | Buffer, changes: Partial<NewObject> = {}): NewObject => ({
  key: Buffer.from(key),
  bytes: 0,
  mtimeNs: 0n,
  mode: 0o644,
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
