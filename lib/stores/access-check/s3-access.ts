import { randomBytes } from 'node:crypto';
import { WaybillError } from '../../domain/errors.ts';
import { failureOf, s3Error } from '../remote/errors.ts';
import { S3Bucket } from '../s3/bucket.ts';
import { PROBE_FOLDER } from '../s3/capabilities.ts';
import { inTime, requireTag, storedAs } from '../s3/client.ts';
import { requireListing } from '../s3/list.ts';
import type { RemoteSpec } from '../store-spec.ts';
import type { RightTrials } from './trials.ts';

const BODY = Buffer.from('waybill tries what it may do here\n');

/**
 * Tries the rights of a bucket behind an endpoint. Throws BucketNotFound; StoreUnavailable when nothing answers.
 */
export async function tryBucket(
  spec: RemoteSpec,
  rights: RightTrials,
  signal?: AbortSignal,
): Promise<void> {
  const bucket = new S3Bucket(spec, signal);
  try {
    await tryAll(bucket, rights);
  } finally {
    await bucket.close();
  }
}

async function tryAll(bucket: S3Bucket, rights: RightTrials): Promise<void> {
  const leftovers: (() => Promise<unknown>)[] = [];
  try {
    await tryEach(bucket, rights, leftovers);
  } finally {
    // A trial that was broken off leaves objects, and an upload that would be paid for.
    for (const remove of leftovers) await remove().catch(() => undefined);
  }
}

async function tryEach(
  bucket: S3Bucket,
  rights: RightTrials,
  leftovers: (() => Promise<unknown>)[],
): Promise<void> {
  const { client, sdk } = await bucket.api();
  const Bucket = bucket.name;
  const at = { Bucket, Key: `${PROBE_FOLDER}rights-${randomBytes(8).toString('hex')}` };
  const large = { Bucket, Key: `${at.Key}-parts` };
  const stored = storedAs(bucket.place);
  const request = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      const typed = s3Error(error, Bucket);
      // A store that does not answer refuses no right, nor does a portal; a bucket that is missing has none.
      if (typed === error || typed.code === 'BucketNotFound' || failureOf(error).status === 0)
        throw typed;
      if (typed.code === 'ObjectArchived') return undefined as T;
      throw error;
    }
  };
  const begin = async () => {
    const command = new sdk.CreateMultipartUploadCommand({ ...large, ...stored });
    const { UploadId } = await request(client.send(command, inTime()));
    return { ...large, UploadId };
  };
  let uploading: Awaited<ReturnType<typeof begin>> | undefined;
  const abort = async (upload: typeof uploading) => {
    if (upload) await client.send(new sdk.AbortMultipartUploadCommand(upload), inTime());
  };
  for (const object of [at, large])
    leftovers.push(() => client.send(new sdk.DeleteObjectCommand(object), inTime()));
  leftovers.push(() => abort(uploading));
  await rights.try('list', [], () =>
    request(
      client
        .send(new sdk.ListObjectsV2Command({ Bucket, MaxKeys: 1 }), inTime())
        .then(requireListing),
    ),
  );
  await rights.try('write', [], () =>
    request(
      client
        .send(new sdk.PutObjectCommand({ ...at, ...stored, Body: BODY }), inTime())
        .then(requireTag),
    ),
  );
  await rights.try('read', ['write'], async () => {
    const { Body } = (await request(client.send(new sdk.GetObjectCommand(at), inTime()))) ?? {};
    const got = await Body?.transformToByteArray();
    if (!got || BODY.equals(got)) return;
    const detail = 'it gave back other bytes than it got';
    throw new WaybillError('StoreUnavailable', { detail });
  });
  await rights.try('multipart', ['write'], async () => {
    uploading = await begin();
    const part = new sdk.UploadPartCommand({ ...uploading, PartNumber: 1, Body: BODY });
    const { ETag } = await request(client.send(part, inTime()).then(requireTag));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    const complete = new sdk.CompleteMultipartUploadCommand({ ...uploading, MultipartUpload });
    await request(client.send(complete, inTime()).then(requireTag));
    uploading = undefined;
  });
  await rights.try('abort', ['multipart'], async () => {
    uploading ??= await begin();
    await request(client.send(new sdk.AbortMultipartUploadCommand(uploading), inTime()));
    uploading = undefined;
  });
  await rights.try('delete', ['write'], async () => {
    for (const object of [at, large])
      await request(client.send(new sdk.DeleteObjectCommand(object), inTime()));
  });
  leftovers.length = 0;
  if (uploading) leftovers.push(() => abort(uploading));
}
