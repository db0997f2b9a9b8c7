import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { failureOf, refusalError, s3Error } from '../remote/errors.ts';
import { newProbeName } from '../remote/probe-key.ts';
import { REQUEST_BYTES } from '../remote/request-bytes.ts';
import type { ProbeForm } from '../store.ts';
import type { RemoteCapabilities, RemotePlace } from '../store-spec.ts';
import { crcText, inTime, requireTag, type S3Api, signDigest, storedAs } from './client.ts';
import { requireListing } from './list.ts';

/** The bucket that is probed. */
interface Probed {
  readonly name: string;
  readonly place: RemotePlace;
  /** Waits before something is tried again. */
  rest(ms: number): Promise<void>;
}

/** Under this no object has its key (object-keys.ts). */
export const PROBE_FOLDER = '.waybill-tmp/';
const BODY = Buffer.from('waybill checks whether it may write here\n');
const SHA256 = createHash('sha256').update(BODY).digest();

/**
 * Proves that a bucket can be listed, written, read and deleted from, and finds out what the endpoint does with
 * checksums and conditions: it is told lies, and should refuse them. Leaves nothing. What may be a disturbance on the way
 * is tried again. Throws BucketNotFound, StoreFull, StoreUnavailable; StoreRefuses, which names the right that is missing.
 */
export function probe(api: S3Api, bucket: Probed): Promise<RemoteCapabilities> {
  return steadily(bucket, () => probeOnce(api, bucket));
}

async function probeOnce(api: S3Api, { name: bucket, place }: Probed): Promise<RemoteCapabilities> {
  const { client, sdk } = api;
  const Key = `${PROBE_FOLDER}check-${randomBytes(8).toString('hex')}`;
  const at = { Bucket: bucket, Key };
  const put = (extra: object, sha256: Buffer = SHA256) =>
    client.send(
      signDigest(
        new sdk.PutObjectCommand({ ...at, Body: BODY, ...storedAs(place), ...extra }),
        sha256,
      ),
      inTime(),
    );
  const refusesOnce = (extra: object, sha256: Buffer) =>
    put(extra, sha256).then(
      () => false,
      (error: unknown) => {
        const { status } = failureOf(error);
        // The lie, and nothing else, is what is refused so.
        if (LIE_REFUSED.includes(status)) return true;
        if (status === 501) return false;
        throw refusalError(error, bucket, 'write');
      },
    );
  // Bytes that were hurt on the way once look like a refusal.
  const refuses = async (extra: object, sha256: Buffer = SHA256) =>
    (await refusesOnce(extra, sha256)) && (await refusesOnce(extra, sha256));
  await may('list', bucket, () =>
    client
      .send(new sdk.ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }), inTime())
      .then(requireListing),
  );
  await may('write', bucket, () => put({}).then(requireTag));
  try {
    const other = createHash('sha256').update('other bytes').digest();
    const right = crc32(BODY);
    const verifiesCrc = await refuses({ ChecksumCRC32: crcText((right ^ 1) >>> 0) });
    const refusesCrc = await refuses({ ChecksumCRC32: crcText(right) });
    const capabilities: RemoteCapabilities = {
      conditionalPut: await refuses({ IfNoneMatch: '*' }),
      crc32: refusesCrc ? 'refused' : verifiesCrc ? 'verified' : 'ignored',
      sha256: await refuses({}, other),
      md5: await refuses({ ContentMD5: createHash('md5').update('other').digest('base64') }),
    };
    await mayRead(api, at, BODY);
    return capabilities;
  } finally {
    await may('delete', bucket, () => client.send(new sdk.DeleteObjectCommand(at), inTime()));
  }
}

/** Statuses of a refused checksum or condition. */
const LIE_REFUSED = [400, 409, 412, 422];

const KEY_BYTES_MAX = 1024;

/** An object that stands for others. */
interface Sample {
  stem: Uint8Array;
  /** Of those; no more than one request has are sent. */
  bytes: number;
  form: ProbeForm;
}

/**
 * Writes, reads and deletes an object of its own whose key begins with `stem`, as keys of the job do. Returns how many bytes
 * it had. Throws as `probe`.
 */
export function probeBeside(
  api: S3Api,
  probed: Probed,
  { stem, bytes, form }: Sample,
): Promise<number> {
  const { client, sdk } = api;
  const { name: bucket, place } = probed;
  const name = newProbeName();
  let folder = Buffer.from(stem).toString();
  while (Buffer.byteLength(folder + name) > KEY_BYTES_MAX) folder = folderOf(folder.slice(0, -1));
  const at = { Bucket: bucket, Key: folder + name };
  const Body = Buffer.alloc(Math.min(Math.max(bytes, 1), REQUEST_BYTES), BODY);
  const sha256 = createHash('sha256').update(Body).digest();
  const put = () => {
    const command = new sdk.PutObjectCommand({ ...at, Body, ...storedAs(place) });
    return client.send(signDigest(command, sha256), inTime()).then(requireTag);
  };
  const write = form === 'parts' ? () => putInParts(api, probed, { ...at, Body, sha256 }) : put;
  const what = `write ${form === 'parts' ? 'in parts ' : ''}below ${folder || '/'}`;
  return steadily(probed, async () => {
    await may(what, bucket, write);
    try {
      await mayRead(api, at, Body);
      return Body.length;
    } finally {
      await may('delete', bucket, () => client.send(new sdk.DeleteObjectCommand(at), inTime()));
    }
  });
}

/** Writes an object in one part, the last one, which may be small. */
async function putInParts(
  { client, patient, sdk }: S3Api,
  { place }: Probed,
  { Body, sha256, ...at }: { Bucket: string; Key: string; Body: Buffer; sha256: Buffer },
): Promise<void> {
  const begin = new sdk.CreateMultipartUploadCommand({ ...at, ...storedAs(place) });
  const { UploadId } = await client.send(begin, inTime());
  try {
    const part = new sdk.UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body });
    const { ETag } = requireTag(await client.send(signDigest(part, sha256), inTime()));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    const end = new sdk.CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload });
    requireTag(await patient.send(end));
  } catch (error) {
    const abort = new sdk.AbortMultipartUploadCommand({ ...at, UploadId });
    // The error that led here counts.
    await client.send(abort, inTime()).catch(() => undefined);
    throw error;
  }
}

const folderOf = (key: string): string => key.slice(0, key.lastIndexOf('/') + 1);

async function mayRead(
  { client, sdk }: S3Api,
  at: { Bucket: string; Key: string },
  wanted: Buffer,
): Promise<void> {
  await may('read', at.Bucket, async () => {
    try {
      const { Body } = await client.send(new sdk.GetObjectCommand(at), inTime());
      const got = await Body?.transformToByteArray();
      if (got && wanted.equals(got)) return;
    } catch (error) {
      // An archive class: that it is refused for this reason only proves the right.
      if (s3Error(error, at.Bucket).code === 'ObjectArchived') return;
      throw error;
    }
    throw new WaybillError('StoreUnavailable', { detail: 'it gave back other bytes than it got' });
  });
}

/** Pauses between the tries of a probe. */
const PAUSES_MS = [500, 2000];

/** Tries again what a disturbance on the way may have failed; what is refused is refused at once. */
async function steadily<T>(bucket: Pick<Probed, 'rest'>, work: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await work();
    } catch (error) {
      if (!isWaybillError(error, 'StoreUnavailable')) throw error;
      await bucket.rest(pause);
    }
  }
  return work();
}

/** Runs a part of the check; its error says which right is missing. */
async function may(right: string, bucket: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw refusalError(error, bucket, right);
  }
}

/** What of integrity and safety an endpoint leaves to Waybill, in sentences for a report. */
export function capabilityNotes(capabilities: RemoteCapabilities): string[] {
  const { crc32: crc, sha256, md5, conditionalPut } = capabilities;
  const notes: string[] = [];
  if (crc !== 'verified') {
    const instead = sha256
      ? 'it compares the SHA-256 of every request instead'
      : md5
        ? 'it compares the MD5 of every request instead'
        : 'every object is read back and compared';
    notes.push(`the endpoint does not compare full-object CRC-32: ${instead}`);
  }
  if (!conditionalPut)
    notes.push('the endpoint has no conditional puts: what exists is looked up before each object');
  return notes;
}
