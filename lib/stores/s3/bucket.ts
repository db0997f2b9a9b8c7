import { createHash } from 'node:crypto';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { storageClassesOf } from '../../domain/storage-classes.ts';
import { isMissing, s3Error } from '../remote/errors.ts';
import { REQUEST_BYTES } from '../remote/request-bytes.ts';
import { Semaphore } from '../remote/semaphore.ts';
import type { NewObject, ProbeForm } from '../store.ts';
import type { RemoteCapabilities, RemotePlace, RemoteSpec } from '../store-spec.ts';
import { probe, probeBeside } from './capabilities.ts';
import { openS3, requireTag, rest, type S3Api } from './client.ts';
import { SHA256_FIELD } from './metadata.ts';

/** Bytes of small objects that are on their way at once, in one thread. */
const SMALL_BYTES_AHEAD = 48 * 1024 * 1024;
/** Before each reading back. */
const READ_BACK_PAUSES_MS = [0, 500, 2000];
/** Parts of large objects that are on their way at once, in one thread. */
const PARTS_AHEAD = 4;

/** A bucket that is open: its client, what its endpoint can do, and what may be under way at once. */
export class S3Bucket {
  readonly name: string;
  readonly place: RemotePlace;
  readonly smallBytes = new Semaphore(SMALL_BYTES_AHEAD);
  readonly parts = new Semaphore(PARTS_AHEAD);
  readonly #buffers: Buffer[] = [];
  #api: Promise<S3Api> | undefined;
  #capabilities: Promise<RemoteCapabilities> | undefined;
  readonly #signal: AbortSignal | undefined;

  /** What is under way ends with Stopped when the signal aborts. */
  constructor({ kind, bucket, remote }: RemoteSpec, signal?: AbortSignal) {
    this.name = bucket;
    this.#signal = signal;
    // Of a kind that has classes of its own, the first one is the usual.
    const usual = kind === 'glacier' ? storageClassesOf(kind)[0] : undefined;
    this.place = { ...remote, storageClass: remote.storageClass ?? usual };
    if (remote.capabilities) this.#capabilities = Promise.resolve(remote.capabilities);
  }

  api(): Promise<S3Api> {
    this.#api ??= openS3(this.place, this.#signal);
    return this.#api;
  }

  /** Asks the endpoint once. Throws as `probe`. */
  capabilities(): Promise<RemoteCapabilities> {
    this.#capabilities ??= this.api().then((api) => probe(api, this));
    return this.#capabilities;
  }

  /** As `probe` of a store. */
  async probe(stem: Uint8Array, bytes: number, form: ProbeForm = 'whole'): Promise<number> {
    return probeBeside(await this.api(), this, { stem, bytes, form });
  }

  /** Waits before something is tried again. */
  rest(ms: number): Promise<void> {
    return rest(this.place, ms, this.#signal);
  }

  /** Runs a request with its errors translated. */
  async on<T>(work: (api: S3Api) => Promise<T>): Promise<T> {
    try {
      return await work(await this.api());
    } catch (error) {
      throw s3Error(error, this.name);
    }
  }

  /** As `on`, but an object that is not there is undefined. */
  async find<T>(work: (api: S3Api) => Promise<T>): Promise<T | undefined> {
    try {
      return await work(await this.api());
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw s3Error(error, this.name);
    }
  }

  /**
   * Whether the object under a key has these bytes, by what the store has compared itself. What it was put with
   * (`waybill-sha256`) only says what it was to be: that counts where the endpoint refuses other bytes, and of an object
   * that went in parts only where each part was compared. Undefined when its bytes have to be read.
   */
  async holds(object: NewObject): Promise<boolean | undefined> {
    const head = await this.#headOf(object);
    if (!head || requireTag(head).ContentLength !== object.bytes) return false;
    const { crc32, sha256, md5 } = await this.capabilities();
    const noted = head.Metadata?.[SHA256_FIELD];
    if (noted !== undefined && noted !== object.sha256?.toString('hex')) return false;
    const isWhole = head.ChecksumType === 'FULL_OBJECT' && crc32 === 'verified';
    if (isWhole && head.ChecksumCRC32 !== undefined && object.crc32 !== undefined) {
      const crc = Buffer.from(head.ChecksumCRC32, 'base64');
      if (crc.length !== 4 || crc.readUInt32BE(0) !== object.crc32) return false;
      return noted === undefined ? undefined : true;
    }
    const wasInParts = object.bytes > REQUEST_BYTES;
    const wasCompared = sha256 || md5 || (crc32 === 'verified' && !wasInParts);
    return noted !== undefined && wasCompared ? true : undefined;
  }

  /**
   * Whether the object under a key was put as these very bytes, at an endpoint that compares nothing: when it has others, they
   * were hurt on the way.
   */
  async claims({ key, sha256 }: NewObject): Promise<boolean> {
    if (!(await this.mustReadBack())) return false;
    const head = await this.#headOf({ key });
    const noted = head && requireTag(head).Metadata?.[SHA256_FIELD];
    return noted !== undefined && noted === sha256?.toString('hex');
  }

  #headOf({ key }: Pick<NewObject, 'key'>): Promise<HeadObjectCommandOutput | undefined> {
    return this.find(({ client, sdk }) =>
      client.send(
        new sdk.HeadObjectCommand({
          Bucket: this.name,
          Key: key.toString(),
          ChecksumMode: 'ENABLED',
        }),
      ),
    );
  }

  /**
   * Where the endpoint has no conditional puts: looks once more before an object is written that is to replace none.
   * Throws ObjectExists.
   */
  async requireAbsent(object: NewObject): Promise<void> {
    if (!object.onlyIfAbsent || (await this.capabilities()).conditionalPut) return;
    const head = await this.#headOf(object);
    if (head && requireTag(head)) throw new WaybillError('ObjectExists');
  }

  /**
   * Whether a write that ended in this error has been done all the same: its answer was lost or hurt, or the request was sent
   * again and found what it has written itself.
   */
  async hasTaken(object: NewObject, error: unknown): Promise<boolean> {
    const mayHave = isWaybillError(error, 'ObjectExists', 'ObjectVanished', 'StoreUnavailable');
    if (!mayHave || !object.sha256) return false;
    try {
      return (await this.holds(object)) ?? (await this.#readsSame(object.key, object.sha256));
    } catch {
      return false;
    }
  }

  async #readsSame(key: Buffer, sha256: Buffer): Promise<boolean> {
    const at = { Bucket: this.name, Key: key.toString() };
    return this.on(async ({ client, sdk }) => {
      const { Body } = requireTag(await client.send(new sdk.GetObjectCommand(at)));
      const hash = createHash('sha256');
      for await (const chunk of Body as AsyncIterable<Uint8Array>) hash.update(chunk);
      return hash.digest().equals(sha256);
    });
  }

  /**
   * For endpoints that compare no checksum: reads an object back. Where it differs, it may be this answer that was hurt, so it
   * is read again; what goes on to differ is taken away. Throws ChecksumMismatch.
   */
  async requireSame(key: Buffer, sha256: Buffer): Promise<void> {
    const at = { Bucket: this.name, Key: key.toString() };
    for (const pause of READ_BACK_PAUSES_MS) {
      if (pause > 0) await this.rest(pause);
      if (await this.#readsSame(key, sha256)) return;
    }
    await this.on(({ client, sdk }) => client.send(new sdk.DeleteObjectCommand(at)));
    throw new WaybillError('ChecksumMismatch', { detail: 'the store gave back other bytes' });
  }

  /** Whether nothing that is sent is compared by the endpoint. */
  async mustReadBack(): Promise<boolean> {
    const { crc32, sha256, md5 } = await this.capabilities();
    return crc32 !== 'verified' && !sha256 && !md5;
  }

  /** A buffer for a part; those that were given back are used again. */
  partBuffer(size: number): Buffer {
    const found = this.#buffers.findIndex((buffer) => buffer.length === size);
    return this.#buffers.splice(found, found < 0 ? 0 : 1)[0] ?? Buffer.allocUnsafeSlow(size);
  }

  returnBuffer(buffer: Buffer): void {
    if (this.#buffers.length < PARTS_AHEAD) this.#buffers.push(buffer);
  }

  async close(): Promise<void> {
    (await this.#api)?.close();
  }
}
