import type { StoreRow } from '../api/schemas/store-schemas.ts';
import { WaybillError } from '../domain/errors.ts';
import type { JobType } from '../domain/words.ts';
import { type Actor, authorize } from '../server/actors/actor.ts';
import { checkStoreInReach } from '../server/checks/job-checks.ts';
import { EMBEDDED_STORE } from '../server/context/embedded.ts';
import type { ServerContext } from '../server/context/server-context.ts';
import type { Reader } from '../server/db/database.ts';
import { listStores } from '../server/stores/stores.ts';

/** A bucket in a store of the installation. */
export interface StoreBucket {
  storeId: string;
  bucket: string;
}

/**
 * The store and bucket that a bucket's name means: `STORE.BUCKET` for a store of that id (the longest that
 * fits), else a bucket of the embedded store.
 */
export function bucketOf(stores: readonly Pick<StoreRow, 'id'>[], name: string): StoreBucket {
  const [store] = stores
    .filter(({ id }) => name.startsWith(`${id}.`) && name.length > id.length + 1)
    .sort((a, b) => b.id.length - a.id.length);
  if (!store) return { storeId: EMBEDDED_STORE, bucket: name };
  return { storeId: store.id, bucket: name.slice(store.id.length + 1) };
}

/** The name that `bucketOf` reads as this bucket. */
export function bucketName(
  stores: readonly Pick<StoreRow, 'id'>[],
  { storeId, bucket }: StoreBucket,
): string {
  const plain = bucketOf(stores, bucket);
  const isPlain = plain.storeId === storeId && plain.bucket === bucket;
  return isPlain ? bucket : `${storeId}.${bucket}`;
}

const ARN = /^arn:aws[^:]*:s3:[^:]*:[^:]*:([^/*]+)(?:\/?\*?)$/;

/** The name in an ARN of S3. Throws InputCombination. */
export function nameOfArn(arn: string): string {
  const name = ARN.exec(arn)?.[1];
  if (name !== undefined) return name;
  throw new WaybillError('InputCombination', {
    detail: `${arn.slice(0, 100)} names no bucket`,
    fix: 'give arn:aws:s3:::BUCKET, or arn:aws:s3:::STORE.BUCKET for another store than the embedded one',
  });
}

export const bucketArn = (name: string): string => `arn:aws:s3:::${name}`;

/**
 * The bucket of a name, proven to be there, with the rights that the type of job needs, if the console can reach the
 * store: one that only stations reach is tried by the station. Throws BucketNotFound, StoreRightsMissing,
 * StoreFull, StoreRefuses.
 */
export async function existingBucket(
  context: Pick<ServerContext, 'db' | 'kms'>,
  actor: Actor,
  { name, type }: { name: string; type: JobType },
): Promise<StoreBucket> {
  authorize(actor, 'store.check');
  const found = bucketOf(await listStores(context.db.read), name);
  await checkStoreInReach(context, { ...found, type });
  return found;
}

/** The ARN under which a job's bucket is told. */
export async function arnOfBucket(db: Reader, bucket: StoreBucket): Promise<string> {
  return bucketArn(bucketName(await listStores(db), bucket));
}
