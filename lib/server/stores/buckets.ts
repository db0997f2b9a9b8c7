import type { RightTrial } from '../../domain/store-rights.ts';
import { tryRights } from '../../stores/access-check/check-access.ts';
import { createBucket } from '../../stores/directory/directory-store.ts';
import { capabilityNotes } from '../../stores/s3/capabilities.ts';
import { createRemoteBucket } from '../../stores/s3/create-bucket.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { appendCustody } from '../custody/log.ts';
import { openSpec } from './open-store-spec.ts';
import type { Keys } from './store-credentials.ts';
import { requireMounted } from './stores.ts';

/**
 * Tries the rights of a bucket from this host, and finds out what its endpoint leaves to Waybill. Throws NotFound,
 * BucketNotFound, StoreFull, StoreRefuses, StoreUnavailable.
 */
export async function checkStore(
  keys: Keys,
  actor: Actor,
  request: { storeId: string; bucket: string },
): Promise<{ rights: RightTrial[]; notes: string[] }> {
  authorize(actor, 'store.check');
  const { trials, capabilities } = await tryRights(
    await openSpec(keys, request.storeId, request.bucket),
  );
  return { rights: trials, notes: capabilities ? capabilityNotes(capabilities) : [] };
}

/** Makes a bucket in a store. Throws NotFound, BadRequest, StoreUnavailable, StoreRefuses (its root is not mounted), Forbidden. */
export async function makeBucket(
  keys: Keys,
  actor: Actor,
  request: { storeId: string; bucket: string },
  now: Date,
): Promise<void> {
  authorize(actor, 'store.manage');
  const spec = await openSpec(keys, request.storeId, request.bucket);
  if ('root' in spec) {
    await requireMounted(keys.db.read, request.storeId, spec);
    createBucket(spec.root, spec.bucket);
  } else await createRemoteBucket(spec);
  await keys.db.transaction((tx) =>
    appendCustody(tx, actor, { kind: 'store.changed', detail: { ...request } }, now),
  );
}
