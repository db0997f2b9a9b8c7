import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { WaybillError } from '../../domain/errors.ts';
import type { NewObject, ObjectWriter } from '../store.ts';
import type { S3Bucket } from './bucket.ts';
import { crcText, requireTag, signDigest, storedAs } from './client.ts';
import { FOLDER_CONTENT, isFolder, metadataOf } from './metadata.ts';

/** Writes an object with one request, at its commit. Until then its bytes are in memory. */
export async function smallWriter(bucket: S3Bucket, object: NewObject): Promise<ObjectWriter> {
  const folder = isFolder(object);
  const release = await bucket.smallBytes.acquire(object.bytes);
  let body = Buffer.allocUnsafe(object.bytes);
  let filled = 0;
  const free = () => {
    body = Buffer.alloc(0);
    release();
  };
  return {
    write: (chunk) => {
      if (folder) throw new WaybillError('KeyRefused', { detail: 'a directory has no bytes' });
      if (filled + chunk.length > body.length)
        throw new WaybillError('ChecksumMismatch', {
          detail: 'there are more bytes than expected',
        });
      body.set(chunk, filled);
      filled += chunk.length;
    },
    commit: async () => {
      try {
        await send(bucket, object, body.subarray(0, filled));
      } finally {
        free();
      }
    },
    abort: free,
  };
}

async function send(bucket: S3Bucket, object: NewObject, body: Buffer): Promise<void> {
  const folder = isFolder(object);
  const sha256 = (folder ? undefined : object.sha256) ?? createHash('sha256').update(body).digest();
  const crc = (folder ? undefined : object.crc32) ?? crc32(body);
  const capabilities = await bucket.capabilities();
  const verified = capabilities.sha256 || capabilities.crc32 === 'verified';
  try {
    await bucket.on(({ client, sdk }) => {
      const put = new sdk.PutObjectCommand({
        Bucket: bucket.name,
        Key: object.key.toString(),
        Body: body,
        ContentLength: body.length,
        ContentType: folder ? FOLDER_CONTENT : (object.contentType ?? 'application/octet-stream'),
        ...(object.contentEncoding && { ContentEncoding: object.contentEncoding }),
        Metadata: metadataOf({ ...object, sha256 }),
        ...storedAs(bucket.place),
        ...(capabilities.crc32 === 'refused' ? {} : { ChecksumCRC32: crcText(crc) }),
        ...(capabilities.md5 && !verified
          ? { ContentMD5: createHash('md5').update(body).digest('base64') }
          : {}),
        ...(object.onlyIfAbsent && capabilities.conditionalPut ? { IfNoneMatch: '*' } : {}),
      });
      return client.send(signDigest(put, sha256)).then(requireTag);
    });
  } catch (error) {
    if (!(await bucket.hasTaken({ ...object, sha256 }, error))) throw error;
  }
  if (!folder && (await bucket.mustReadBack())) await bucket.requireSame(object.key, sha256);
}
