import { failureOf } from '../remote/errors.ts';
import type { RemoteSpec } from '../store-spec.ts';
import { S3Bucket } from './bucket.ts';

/** Regions where a bucket is made without naming the region (Amazon S3 API Reference, CreateBucket). */
const UNNAMED_REGION = 'us-east-1';

/** Makes a bucket; one of the same owner that exists is left as it is. Throws StoreUnavailable, ObjectRefused. */
export async function createRemoteBucket(spec: RemoteSpec): Promise<void> {
  // A snapshot of EBS lies in no bucket.
  if (spec.kind === 'ebs') return;
  const bucket = new S3Bucket(spec);
  const { endpoint, region } = spec.remote;
  try {
    await bucket.on(async ({ client, sdk }) => {
      const constraint =
        endpoint === '' && region !== UNNAMED_REGION
          ? { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } }
          : {};
      await client
        .send(new sdk.CreateBucketCommand({ Bucket: spec.bucket, ...constraint }))
        .catch((error: unknown) => {
          if (failureOf(error).name !== 'BucketAlreadyOwnedByYou') throw error;
        });
    });
  } finally {
    await bucket.close();
  }
}
