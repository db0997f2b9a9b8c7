import { eq } from 'drizzle-orm';
import type { RemoteCredentials, StoreSpec } from '../../stores/store-spec.ts';
import { storeEndpoints } from '../db/schema/store-endpoints.ts';
import { markerOf } from '../store-markers/bucket-markers.ts';
import { type Keys, storeContext } from './store-credentials.ts';
import { getStore } from './stores.ts';

/** How to reach a bucket of a store, with what opens it. For stations and checks only. Throws NotFound, KeyUnavailable. */
export async function openSpec(
  { db, kms }: Keys,
  storeId: string,
  bucket: string,
): Promise<StoreSpec> {
  const { kind, root, remote } = await getStore(db.read, storeId);
  if (!remote) return { kind, root, bucket, marker: await markerOf(db.read, storeId, bucket) };
  const [row] = await db.read
    .select()
    .from(storeEndpoints)
    .where(eq(storeEndpoints.storeId, storeId));
  const secret = await kms.unwrap(row?.wrappedCredentials ?? '', storeContext(storeId));
  const credentials = JSON.parse(secret.toString('utf8')) as RemoteCredentials;
  return { kind, bucket, remote: { ...remote, credentials } };
}
