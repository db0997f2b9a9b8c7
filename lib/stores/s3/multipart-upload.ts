import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type ErrorCode, isWaybillError, WaybillError } from '../../domain/errors.ts';
import { REQUEST_BYTES } from '../remote/request-bytes.ts';
import { type HalfDone, UploadFile } from '../remote/upload-state.ts';
import type { NewObject, ObjectWriter } from '../store.ts';
import type { RemoteCapabilities } from '../store-spec.ts';
import type { S3Bucket } from './bucket.ts';
import { crcText, requireTag, signDigest, storedAs } from './client.ts';
import { metadataOf } from './metadata.ts';

const MIB = 1024 * 1024;
/** S3 takes at most so many parts, of at least 5 MiB (Amazon S3 User Guide, "Multipart upload limits"). */
const PARTS_MAX = 10_000;
/** Before a part is sent again. */
const PART_PAUSES_MS = [500, 2000];
/** After these nothing of an upload is of use. */
const OBJECT_FAILED: ErrorCode[] = ['ChecksumMismatch', 'ObjectExists', 'KeyRefused'];

/** Writes an object in parts that are on their way while the next one fills. */
export function largeWriter(bucket: S3Bucket, object: NewObject): ObjectWriter {
  return new LargeWriter(bucket, object);
}

interface Part {
  PartNumber: number;
  ETag: string;
}

/** A part that an earlier run has sent. */
interface SentPart extends Part {
  size: number;
  crc32: string | undefined;
}

class LargeWriter implements ObjectWriter {
  readonly #bucket: S3Bucket;
  readonly #object: NewObject;
  readonly #file: UploadFile | undefined;
  /** Names object and bytes in the file of uploads. */
  readonly #name: string;
  readonly #sha256 = createHash('sha256');
  #crc = 0;
  #bytes = 0;
  #upload: Promise<{ half: HalfDone; sent: Map<number, SentPart> }> | undefined;
  #capabilities: RemoteCapabilities | undefined;
  #buffer: Buffer | undefined;
  #filled = 0;
  #release: (() => void) | undefined;
  readonly #partBytes: number;
  readonly #parts: Promise<Part>[] = [];
  #failure: unknown;
  #over = false;

  constructor(bucket: S3Bucket, object: NewObject) {
    this.#bucket = bucket;
    this.#object = object;
    this.#partBytes = Math.max(REQUEST_BYTES, Math.ceil(object.bytes / PARTS_MAX / MIB) * MIB);
    const { uploadsFile } = bucket.place;
    this.#file = uploadsFile && object.sha256 ? new UploadFile(uploadsFile) : undefined;
    const { key, bytes, sha256 } = object;
    this.#name = [bucket.name, key.toString('base64'), bytes, sha256?.toString('hex')].join(' ');
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#note(chunk);
    for (let at = 0; at < chunk.length; ) {
      if (this.#failure) throw this.#failure;
      const buffer = this.#buffer ?? (await this.#nextBuffer());
      const taken = Math.min(buffer.length - this.#filled, chunk.length - at);
      buffer.set(chunk.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled === buffer.length) this.#endPart();
    }
  }

  async commit(): Promise<void> {
    try {
      if (this.#filled > 0 || this.#parts.length === 0) {
        if (!this.#buffer) await this.#nextBuffer();
        this.#endPart();
      }
      const parts = await Promise.all(this.#parts);
      await this.#complete(parts);
    } catch (error) {
      // What the store may take later goes on where it was; it is remembered on this host.
      const isOver = isWaybillError(error, ...OBJECT_FAILED) || !this.#file;
      await this.#giveUp(isOver);
      throw error;
    }
    this.#over = true;
  }

  abort(): Promise<void> {
    return this.#giveUp(true);
  }

  suspend(): Promise<void> {
    return this.#giveUp(false);
  }

  /** Checksums that the object did not come with are taken here. */
  #note(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#object.crc32 === undefined) this.#crc = crc32(chunk, this.#crc);
    if (!this.#object.sha256) this.#sha256.update(chunk);
  }

  async #nextBuffer(): Promise<Buffer> {
    // Parts of a huge object are large: fewer of them are held in memory.
    const size = Math.ceil(this.#partBytes / REQUEST_BYTES);
    this.#release = await this.#bucket.parts.acquire(size);
    this.#buffer = this.#bucket.partBuffer(this.#partBytes);
    this.#filled = 0;
    return this.#buffer;
  }

  /** Sends what the buffer holds, in the background. */
  #endPart(): void {
    const number = this.#parts.length + 1;
    const buffer = this.#buffer;
    const release = this.#release;
    const part = this.#sendPart(number, (buffer ?? Buffer.alloc(0)).subarray(0, this.#filled));
    this.#buffer = undefined;
    this.#filled = 0;
    part
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        if (buffer) this.#bucket.returnBuffer(buffer);
        release?.();
      });
    this.#parts.push(part);
  }

  async #sendPart(PartNumber: number, body: Buffer): Promise<Part> {
    this.#upload ??= this.#begin();
    const { half, sent } = await this.#upload;
    const there = sent.get(PartNumber);
    if (there && isSame(there, body)) return { PartNumber, ETag: there.ETag };
    for (const pause of PART_PAUSES_MS) {
      try {
        return await this.#putPart(half.uploadId, PartNumber, body);
      } catch (error) {
        // Hurt on the way: the part is in memory still.
        if (!isWaybillError(error, 'ChecksumMismatch', 'StoreUnavailable')) throw error;
        await this.#bucket.rest(pause);
      }
    }
    return this.#putPart(half.uploadId, PartNumber, body);
  }

  async #putPart(UploadId: string, PartNumber: number, body: Buffer): Promise<Part> {
    const capabilities = await this.#bucket.capabilities();
    const { ETag } = await this.#bucket.on(({ client, sdk }) => {
      const command = new sdk.UploadPartCommand({
        Bucket: this.#bucket.name,
        Key: this.#object.key.toString(),
        UploadId,
        PartNumber,
        Body: body,
        ContentLength: body.length,
        ...(capabilities.md5 && !capabilities.sha256
          ? { ContentMD5: createHash('md5').update(body).digest('base64') }
          : {}),
      });
      const digest = createHash('sha256').update(body).digest();
      return client.send(signDigest(command, digest)).then(requireTag);
    });
    return { PartNumber, ETag };
  }

  /** Goes on with the upload of an earlier run, or begins one. */
  async #begin(): Promise<{ half: HalfDone; sent: Map<number, SentPart> }> {
    this.#capabilities = await this.#bucket.capabilities();
    const earlier = this.#file?.find(this.#name);
    if (earlier?.partBytes === this.#partBytes) {
      const sent = await this.#sentParts(earlier.uploadId);
      if (sent) return { half: earlier, sent };
    }
    const { key, contentEncoding, contentType } = this.#object;
    const { UploadId } = await this.#bucket.on(({ client, sdk }) =>
      client.send(
        new sdk.CreateMultipartUploadCommand({
          Bucket: this.#bucket.name,
          Key: key.toString(),
          ContentType: contentType ?? 'application/octet-stream',
          ...(contentEncoding && { ContentEncoding: contentEncoding }),
          Metadata: metadataOf(this.#object),
          ...storedAs(this.#bucket.place),
          ...(this.#capabilities?.crc32 === 'refused'
            ? {}
            : { ChecksumAlgorithm: 'CRC32' as const, ChecksumType: 'FULL_OBJECT' as const }),
        }),
      ),
    );
    if (!UploadId) throw new WaybillError('StoreUnavailable', { detail: 'an upload got no id' });
    const half = { uploadId: UploadId, partBytes: this.#partBytes };
    this.#file?.note(this.#name, 'begun', half);
    return { half, sent: new Map() };
  }

  /** What the store has of an upload; undefined when it does not know it any more. */
  #sentParts(uploadId: string): Promise<Map<number, SentPart> | undefined> {
    return this.#bucket.find(async ({ client, sdk }) => {
      const sent = new Map<number, SentPart>();
      let marker: string | undefined;
      do {
        const page = await client.send(
          new sdk.ListPartsCommand({
            Bucket: this.#bucket.name,
            Key: this.#object.key.toString(),
            UploadId: uploadId,
            ...(marker ? { PartNumberMarker: marker } : {}),
          }),
        );
        for (const { PartNumber = 0, ETag = '', Size = 0, ChecksumCRC32 } of page.Parts ?? [])
          sent.set(PartNumber, { PartNumber, ETag, size: Size, crc32: ChecksumCRC32 });
        const next = page.IsTruncated ? page.NextPartNumberMarker : undefined;
        // What is not told of is sent again; a store that goes in circles is asked no more.
        marker = Number(next) > Number(marker ?? 0) ? next : undefined;
      } while (marker);
      return sent;
    });
  }

  async #complete(parts: Part[]): Promise<void> {
    const { half } = (await this.#upload) ?? {};
    if (!half) return;
    const { key, onlyIfAbsent } = this.#object;
    await this.#bucket.requireAbsent(this.#object);
    const sha256 = this.#object.sha256 ?? this.#sha256.digest();
    const crc = this.#object.crc32 ?? this.#crc;
    const { crc32: crcCapability, conditionalPut } = await this.#bucket.capabilities();
    try {
      await this.#bucket.on(async ({ patient, sdk }) => {
        const done = await patient.send(
          new sdk.CompleteMultipartUploadCommand({
            Bucket: this.#bucket.name,
            Key: key.toString(),
            UploadId: half.uploadId,
            MultipartUpload: { Parts: parts },
            MpuObjectSize: this.#bytes,
            ...(crcCapability === 'refused'
              ? {}
              : { ChecksumCRC32: crcText(crc), ChecksumType: 'FULL_OBJECT' as const }),
            ...(onlyIfAbsent && conditionalPut ? { IfNoneMatch: '*' } : {}),
          }),
        );
        return requireTag(done);
      });
    } catch (error) {
      if (!(await this.#bucket.hasTaken({ ...this.#object, sha256 }, error))) throw error;
    }
    this.#file?.note(this.#name, 'ended', half);
    if (await this.#bucket.mustReadBack()) await this.#bucket.requireSame(key, sha256);
  }

  /** Ends without an object. With `forget` the store throws away what it has. */
  async #giveUp(forget: boolean): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    if (this.#buffer) {
      this.#bucket.returnBuffer(this.#buffer);
      this.#release?.();
    }
    await Promise.allSettled(this.#parts);
    const begun = await this.#upload?.catch(() => undefined);
    if (!begun || !forget) return;
    // An upload that has ended by itself is as good; the error that led here counts, not this one.
    await this.#bucket
      .find(({ client, sdk }) =>
        client.send(
          new sdk.AbortMultipartUploadCommand({
            Bucket: this.#bucket.name,
            Key: this.#object.key.toString(),
            UploadId: begun.half.uploadId,
          }),
        ),
      )
      .catch(() => undefined);
    this.#file?.note(this.#name, 'ended', begun.half);
  }
}

/** Whether a part that was sent has these bytes: by its MD5, where its ETag is one, or its CRC-32. */
function isSame(part: SentPart, body: Buffer): boolean {
  if (part.size !== body.length) return false;
  const tag = part.ETag.replaceAll('"', '');
  if (part.crc32) return part.crc32 === crcText(crc32(body));
  return tag === createHash('md5').update(body).digest('hex');
}
