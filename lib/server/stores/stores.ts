import { asc, eq, notInArray, type SQL, sql } from 'drizzle-orm';
import type {
  ListedStore,
  StoreChange,
  StoreRequest,
  StoreRow,
} from '../../api/schemas/store-schemas.ts';
import { WaybillError } from '../../domain/errors.ts';
import { FINAL_STATES } from '../../domain/lifecycle.ts';
import { storageClassesOf } from '../../domain/storage-classes.ts';
import { createBucket } from '../../stores/directory/directory-store.ts';
import { BucketPlace } from '../../stores/local/bucket-place.ts';
import { createRemoteBucket } from '../../stores/s3/create-bucket.ts';
import type { FolderSpec, RemoteCredentials } from '../../stores/store-spec.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { appendCustody } from '../custody/log.ts';
import type { Reader } from '../db/database.ts';
import { jobs } from '../db/schema/jobs.ts';
import { storeEndpoints } from '../db/schema/store-endpoints.ts';
import { stores } from '../db/schema/stores.ts';
import { allMarkers, forgetMarkers } from '../store-markers/bucket-markers.ts';
import { type Keys, wrapCredentials } from './store-credentials.ts';

const withEndpoint = (db: Reader) =>
  db
    .select({ store: stores, remote: storeEndpoints.settings })
    .from(stores)
    .leftJoin(storeEndpoints, eq(storeEndpoints.storeId, stores.id));

/** Every store, and how many jobs name it. */
export async function listStores(db: Reader): Promise<ListedStore[]> {
  const rows = await withEndpoint(db).orderBy(asc(stores.id));
  const [markers, all, open] = await Promise.all([
    allMarkers(db),
    countByStore(db, undefined),
    countByStore(db, notInArray(jobs.state, [...FINAL_STATES])),
  ]);
  return rows.map(({ store, remote }) => ({
    ...store,
    remote,
    jobs: all.get(store.id) ?? 0,
    openJobs: open.get(store.id) ?? 0,
    markers: markers.get(store.id) ?? {},
  }));
}

async function countByStore(db: Reader, these: SQL | undefined): Promise<Map<string, number>> {
  const rows = await db
    .select({ id: jobs.storeId, count: sql<number>`count(*)` })
    .from(jobs)
    .where(these)
    .groupBy(jobs.storeId);
  return new Map(rows.map(({ id, count }) => [id, count]));
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
  const { bucket, remote, credentials, root = '', settings = null, ...named } = request;
  const store = { ...named, root, settings };
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
    const detail = remote ? { ...named, remote, settings } : store;
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

/** Changes a store; its kind and its place's kind stay. Throws NotFound, BadRequest, Forbidden. */
export async function changeStore(
  { db, kms }: Keys,
  actor: Actor,
  storeId: string,
  { name, root, remote, credentials, settings, forgetMarkers: isReplaced }: StoreChange,
  now: Date,
): Promise<StoreRow> {
  authorize(actor, 'store.manage');
  const wrapped = credentials && (await wrapCredentials(kms, storeId, credentials));
  return db.transaction(async (tx) => {
    const store = await getStore(tx, storeId);
    refuseOtherPlace(store, { root, remote, credentials });
    const fields = { ...(name && { name }), ...(root && { root }), ...(settings && { settings }) };
    if (Object.keys(fields).length > 0)
      await tx.update(stores).set(fields).where(eq(stores.id, storeId));
    const isElsewhere = isReplaced === true || (root !== undefined && root !== store.root);
    if (isElsewhere) await forgetMarkers(tx, storeId);
    const endpoint = {
      ...(remote && { settings: remote }),
      ...(wrapped && { wrappedCredentials: wrapped }),
    };
    if (Object.keys(endpoint).length > 0)
      await tx
        .update(storeEndpoints)
        .set({ ...endpoint, changedAt: now.toISOString() })
        .where(eq(storeEndpoints.storeId, storeId));
    const detail = {
      storeId,
      ...fields,
      ...(remote && { remote }),
      keyPair: wrapped !== undefined,
      ...(isElsewhere && { forgotMarkers: true }),
    };
    await appendCustody(tx, actor, { kind: 'store.changed', detail }, now);
    return getStore(tx, storeId);
  });
}

/** A directory stays one, and an endpoint too; a key pair is for the address that it was entered with. */
function refuseOtherPlace(store: StoreRow, { root, remote, credentials }: StoreChange): void {
  const refuse = (detail: string): never => {
    throw new WaybillError('BadRequest', { detail });
  };
  if (store.remote ? root !== undefined : remote !== undefined || credentials !== undefined)
    refuse(store.remote ? 'root: the store is behind an endpoint' : 'remote: it is a directory');
  if (!remote || !store.remote) return;
  const { storageClass } = remote;
  const classes = storageClassesOf(store.kind);
  if (storageClass && !classes.includes(storageClass))
    refuse(`remote: a storage class of ${store.kind}: ${classes.join(', ') || 'none'}`);
  if (remote.endpoint !== store.remote.endpoint && !credentials)
    refuse('credentials: another address comes with the key pair for it');
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

/** A bucket beside none of those that are known would be made in a mount point. Throws StoreRefuses. */
export async function requireMounted(db: Reader, storeId: string, spec: FolderSpec): Promise<void> {
  const known = Object.entries((await allMarkers(db)).get(storeId) ?? {});
  let refusal: unknown;
  for (const [bucket, marker] of known) {
    try {
      new BucketPlace({ ...spec, bucket, marker }).require();
      return;
    } catch (error) {
      refusal = error;
    }
  }
  if (refusal) throw refusal;
}
