import { failureOf, s3Error } from '../remote/errors.ts';
import { S3Bucket } from '../s3/bucket.ts';
import { requireListing } from '../s3/list.ts';
import type { RemoteSpec } from '../store-spec.ts';
import type { RightTrials } from './trials.ts';

/**
 * Tries the rights that an export needs of a bucket behind an endpoint, and writes nothing. Throws BucketNotFound;
 * StoreUnavailable when nothing answers.
 */
export async function tryReading(
  spec: RemoteSpec,
  prefix: string,
  rights: RightTrials,
  signal?: AbortSignal,
): Promise<void> {
  const bucket = new S3Bucket(spec, signal);
  const { name: Bucket } = bucket;
  const asked = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      const typed = s3Error(error, Bucket);
      // A store that does not answer refuses no right; a bucket that is missing has none.
      if (typed.code === 'BucketNotFound' || failureOf(error).status === 0) throw typed;
      if (typed.code === 'ObjectArchived' || typed.code === 'ObjectVanished') return undefined;
      throw error;
    }
  };
  try {
    const { client, sdk } = await bucket.api();
    let Key: string | undefined;
    await rights.try('list', [], async () => {
      const list = new sdk.ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: 1 });
      const page = await asked(client.send(list).then(requireListing));
      Key = page?.Contents?.find(({ Size }) => (Size ?? 0) > 0)?.Key;
    });
    // Where there is no object there is nothing to read either.
    await rights.try('read', ['list'], async () => {
      if (Key === undefined) return;
      const get = new sdk.GetObjectCommand({ Bucket, Key, Range: 'bytes=0-0' });
      await (await asked(client.send(get)))?.Body?.transformToByteArray();
    });
  } finally {
    await bucket.close();
  }
}
