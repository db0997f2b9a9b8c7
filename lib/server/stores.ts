import { asc, eq } from 'drizzle-orm';
import type { StoreRequest, StoreRow } from '../api/schemas/store-schemas.ts';
import { WaybillError } from '../domain/errors.ts';
import type { KeyContext, Kms } from '../keys/kms.ts';
import { createBucket } from '../stores/directory.ts';
import { openStore } from '../stores/open.ts';
import { createRemoteBucket } from '../stores/remote-bucket.ts';
import { abilityNotes } from '../stores/s3-abilities.ts';
import type { RemoteCredentials, StoreSpec } from '../stores/store.ts';
import { type Actor, authorize } from './actor.ts';
import { appendCustody } from './custody-log.ts';
import type { ConsoleDatabase, Reader, Tx } from './db/client.ts';
import { stores } from './db/schema.ts';
import { storeEndpoints } from './db/store-schema.ts';

/** What stores are kept with: their key pairs are wrapped. */
interface Keys {
  db: ConsoleDatabase;
  kms: Kms;
}

/** What the wrapped key pair of a store is bound to. */
const storeContext = (storeId: string): KeyContext => ({
  store: storeId,
  use: 'store-credentials',
});

const withEndpoint = (db: Reader) =>
  db
    .select({ store: stores, remote: storeEndpoints.settings })
    .from(stores)
    .leftJoin(storeEndpoints, eq(storeEndpoints.storeId, stores.id));

export async function listStores(db: Reader): Promise<StoreRow[]> {
  const rows = await withEndpoint(db).orderBy(asc(stores.id));
  return rows.map(({ store, remote }) => ({ ...store, remote }));
}

/** Throws NotFound. */
export async function getStore(db: Reader, id: string): Promise<StoreRow> {
  const [row] = await withEndpoint(db).where(eq(stores.id, id));
  if (!row) throw new WaybillError('NotFound', { what: 'store', id });
  return { ...row.store, remote: row.remote };
}

/** Adds a store, and its first bucket if one is named. Throws Conflict, BadRequest, StoreUnavailable, Forbidden. */
export async function addStore(
  { db, kms }: Keys,
  actor: Actor,
  request: StoreRequest,
  now: Date,
): Promise<StoreRow> {
  authorize(actor, 'store.manage');
  const { bucket, remote, credentials, root = '', ...named } = request;
  const store = { ...named, root };
  if (bucket !== undefined) await makeFirstBucket(request, bucket);
  const createdAt = now.toISOString();
  const endpoint = remote &&
    credentials && {
      settings: remote,
      wrappedCredentials: await wrapCredentials(kms, store.id, credentials),
    };
  return db.transaction(async (tx) => {
    const [taken] = await tx.select().from(stores).where(eq(stores.id, store.id));
    if (taken) throw new WaybillError('Conflict', { detail: `a store ${store.id} exists` });
    await tx.insert(stores).values({ ...store, createdAt });
    if (endpoint)
      await tx
        .insert(storeEndpoints)
        .values({ ...endpoint, storeId: store.id, changedAt: createdAt });
    const detail = remote ? { ...named, remote } : store;
    await appendCustody(tx, actor, { kind: 'store.added', detail }, now);
    return { ...store, remote: remote ?? null, createdAt };
  });
}

async function makeFirstBucket(
  { kind, root, remote, credentials }: StoreRequest,
  bucket: string,
): Promise<void> {
  if (remote && credentials)
    await createRemoteBucket({ kind, bucket, remote: { ...remote, credentials } });
  else if (root !== undefined) createBucket(root, bucket);
}

/** Gives a store another key pair. Throws NotFound, Conflict for a store that has none, Forbidden. */
export async function changeStoreCredentials(
  { db, kms }: Keys,
  actor: Actor,
  storeId: string,
  credentials: RemoteCredentials,
  now: Date,
): Promise<void> {
  authorize(actor, 'store.manage');
  const wrappedCredentials = await wrapCredentials(kms, storeId, credentials);
  await db.transaction(async (tx) => {
    const { remote } = await getStore(tx, storeId);
    if (!remote) throw new WaybillError('Conflict', { detail: 'a directory has no key pair' });
    await tx
      .update(storeEndpoints)
      .set({ wrappedCredentials, changedAt: now.toISOString() })
      .where(eq(storeEndpoints.storeId, storeId));
    const detail = { storeId, changed: 'key pair' };
    await appendCustody(tx, actor, { kind: 'store.changed', detail }, now);
  });
}

/** How to reach a bucket of a store, with what opens it. For stations and checks only. Throws NotFound, KeyUnavailable. */
export async function openSpec(
  { db, kms }: Keys,
  storeId: string,
  bucket: string,
): Promise<StoreSpec> {
  const { kind, root, remote } = await getStore(db.read, storeId);
  if (!remote) return { kind, root, bucket };
  const [row] = await db.read
    .select()
    .from(storeEndpoints)
    .where(eq(storeEndpoints.storeId, storeId));
  const secret = await kms.unwrap(row?.wrappedCredentials ?? '', storeContext(storeId));
  const credentials = JSON.parse(secret.toString('utf8')) as RemoteCredentials;
  return { kind, bucket, remote: { ...remote, credentials } };
}

/**
 * Proves that this host can list, write, read and delete from a bucket. Returns what its endpoint leaves to
 * Waybill. Throws NotFound, BucketNotFound, StoreUnavailable.
 */
export async function checkStore(
  keys: Keys,
  actor: Actor,
  request: { storeId: string; bucket: string },
): Promise<{ notes: string[] }> {
  authorize(actor, 'store.read');
  const store = openStore(await openSpec(keys, request.storeId, request.bucket));
  try {
    const abilities = await store.check();
    return { notes: abilities ? abilityNotes(abilities) : [] };
  } finally {
    await store.close();
  }
}

/** Makes a bucket in a store. Throws NotFound, BadRequest, StoreUnavailable, Forbidden. */
export async function makeBucket(
  keys: Keys,
  actor: Actor,
  request: { storeId: string; bucket: string },
  now: Date,
): Promise<void> {
  authorize(actor, 'store.manage');
  const spec = await openSpec(keys, request.storeId, request.bucket);
  if ('root' in spec) createBucket(spec.root, spec.bucket);
  else await createRemoteBucket(spec);
  await keys.db.transaction((tx) =>
    appendCustody(tx, actor, { kind: 'store.changed', detail: { ...request } }, now),
  );
}

/** Wraps every key pair again. Returns how many there are. */
export async function rewrapStores(
  tx: Tx,
  rewrap: (wrapped: string, context: KeyContext) => Promise<string>,
): Promise<number> {
  const rows = await tx.select().from(storeEndpoints);
  for (const { storeId, wrappedCredentials: wrapped } of rows) {
    const wrappedCredentials = await rewrap(wrapped, storeContext(storeId));
    await tx
      .update(storeEndpoints)
      .set({ wrappedCredentials })
      .where(eq(storeEndpoints.storeId, storeId));
  }
  return rows.length;
}

function wrapCredentials(kms: Kms, storeId: string, credentials: RemoteCredentials) {
  return kms.wrap(Buffer.from(JSON.stringify(credentials)), storeContext(storeId));
}
