import { asc, eq } from 'drizzle-orm';
import { WaybillError } from '../domain/errors.ts';
import type { StoreKind } from '../domain/words.ts';
import { createBucket } from '../stores/directory.ts';
import { openStore } from '../stores/open.ts';
import { type Actor, authorize } from './actor.ts';
import { appendCustody } from './custody-log.ts';
import type { ConsoleDatabase, Reader } from './db/client.ts';
import { stores } from './db/schema.ts';

export type StoreRow = typeof stores.$inferSelect;

export async function listStores(db: Reader): Promise<StoreRow[]> {
  return db.select().from(stores).orderBy(asc(stores.id));
}

/** Throws NotFound. */
export async function getStore(db: Reader, id: string): Promise<StoreRow> {
  const [store] = await db.select().from(stores).where(eq(stores.id, id));
  if (!store) throw new WaybillError('NotFound', { what: 'store', id });
  return store;
}

/** Adds a store, and its first bucket if one is named. Throws Conflict, BadRequest, StoreUnavailable, Forbidden. */
export async function addStore(
  db: ConsoleDatabase,
  actor: Actor,
  request: {
    id: string;
    name: string;
    kind: StoreKind;
    root: string;
    bucket?: string | undefined;
  },
  now: Date,
): Promise<StoreRow> {
  authorize(actor, 'store.manage');
  const { bucket, ...store } = request;
  if (bucket !== undefined) createBucket(store.root, bucket);
  return db.transaction(async (tx) => {
    const [taken] = await tx.select().from(stores).where(eq(stores.id, store.id));
    if (taken) throw new WaybillError('Conflict', { detail: `a store ${store.id} exists` });
    const [row] = await tx
      .insert(stores)
      .values({ ...store, createdAt: now.toISOString() })
      .returning();
    if (!row) throw new WaybillError('Internal', { reference: 'store not inserted' });
    await appendCustody(tx, actor, { kind: 'store.added', detail: store }, now);
    return row;
  });
}

/** Proves that this host can list, write and read a bucket. Throws NotFound, BucketNotFound, StoreUnavailable. */
export async function checkStore(
  db: Reader,
  actor: Actor,
  request: { storeId: string; bucket: string },
): Promise<void> {
  authorize(actor, 'store.read');
  const { kind, root } = await getStore(db, request.storeId);
  const store = openStore({ kind, root, bucket: request.bucket });
  await store.check();
  await store.close();
}

/** Makes a bucket in an embedded store. Throws NotFound, BadRequest, StoreUnavailable, Forbidden. */
export async function makeBucket(
  db: ConsoleDatabase,
  actor: Actor,
  request: { storeId: string; bucket: string },
  now: Date,
): Promise<void> {
  authorize(actor, 'store.manage');
  const { root } = await getStore(db.read, request.storeId);
  createBucket(root, request.bucket);
  await db.transaction((tx) =>
    appendCustody(tx, actor, { kind: 'store.changed', detail: { ...request } }, now),
  );
}
