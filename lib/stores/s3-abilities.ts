import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { WaybillError } from '../domain/errors.ts';
import { crcText, type S3Api, signDigest, storedAs } from './s3-client.ts';
import { failureOf, s3Error } from './s3-errors.ts';
import type { RemoteAbilities, RemotePlace } from './store.ts';

/** Under this no object has its key (object-keys.ts). */
export const PROBE_FOLDER = '.waybill-tmp/';
const BODY = Buffer.from('waybill checks whether it may write here\n');
const SHA256 = createHash('sha256').update(BODY).digest();

/**
 * Proves that a bucket can be listed, written, read and deleted from, and finds out what the endpoint does with
 * checksums and conditions: it is told lies, and should refuse them. Leaves nothing.
 * Throws BucketNotFound; StoreUnavailable, which names the right that is missing.
 */
export async function probe(
  api: S3Api,
  bucket: string,
  place: RemotePlace,
): Promise<RemoteAbilities> {
  const { client, sdk } = api;
  const Key = `${PROBE_FOLDER}check-${randomBytes(8).toString('hex')}`;
  const at = { Bucket: bucket, Key };
  const common = { ...at, Body: BODY, ...storedAs(place) };
  const put = (extra: object, sha256: Buffer = SHA256) =>
    client.send(signDigest(new sdk.PutObjectCommand({ ...common, ...extra }), sha256));
  const refuses = (extra: object, sha256: Buffer = SHA256) =>
    put(extra, sha256).then(
      () => false,
      (error: unknown) => {
        const { status } = failureOf(error);
        if (status >= 400 && status < 500) return true;
        if (status === 501) return false;
        throw s3Error(error, bucket);
      },
    );
  await may('list', bucket, () =>
    client.send(new sdk.ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 })),
  );
  await may('write', bucket, () => put({}));
  try {
    const other = createHash('sha256').update('other bytes').digest();
    const right = crc32(BODY);
    const verifiesCrc = await refuses({ ChecksumCRC32: crcText((right ^ 1) >>> 0) });
    const refusesCrc = await refuses({ ChecksumCRC32: crcText(right) });
    const abilities: RemoteAbilities = {
      conditionalPut: await refuses({ IfNoneMatch: '*' }),
      crc32: refusesCrc ? 'refused' : verifiesCrc ? 'verified' : 'ignored',
      sha256: await refuses({}, other),
      md5: await refuses({ ContentMD5: createHash('md5').update('other').digest('base64') }),
    };
    await may('read', bucket, async () => {
      const { Body } = await client.send(new sdk.GetObjectCommand(at));
      await Body?.transformToByteArray();
    }).catch((error: unknown) => {
      // An archive class: that it is refused for this reason only proves the right.
      if (!(error instanceof WaybillError && error.code === 'ObjectArchived')) throw error;
    });
    return abilities;
  } finally {
    await may('delete', bucket, () => client.send(new sdk.DeleteObjectCommand(at)));
  }
}

/** Runs a part of the check; its error says which right is missing. */
async function may(right: string, bucket: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const typed = s3Error(error, bucket);
    if (typed.code === 'BucketNotFound' || typed.code === 'ObjectArchived') throw typed;
    const { name, message } = failureOf(error);
    const why = message && message !== name ? `${name}: ${message}` : name;
    const detail = `it may not be possible to ${right}: ${why}`;
    throw new WaybillError('StoreUnavailable', { detail }, { cause: error });
  }
}

/** What of integrity and safety an endpoint leaves to Waybill, in sentences for a report. */
export function abilityNotes(abilities: RemoteAbilities): string[] {
  const { crc32: crc, sha256, md5, conditionalPut } = abilities;
  const notes: string[] = [];
  if (crc !== 'verified') {
    const instead = sha256
      ? 'it compared the SHA-256 of every request instead'
      : md5
        ? 'it compared the MD5 of every request instead'
        : 'every object was read back and compared';
    notes.push(`the endpoint does not compare full-object CRC-32: ${instead}`);
  }
  if (!conditionalPut)
    notes.push(
      'the endpoint has no conditional puts: what exists was looked up before each object',
    );
  return notes;
}
