import type { EBSClient } from '@aws-sdk/client-ebs';
import { WaybillError } from '../../domain/errors.ts';
import { KEY_RULES, keyProblem } from '../../domain/object-keys.ts';
import { GiB } from '../../domain/sizes.ts';
import { clientConfig, guardRequests } from '../remote/client-config.ts';
import { failureOf, refusalError, s3Error } from '../remote/errors.ts';
import { Semaphore } from '../remote/semaphore.ts';
import { type HalfDone, UploadFile } from '../remote/upload-state.ts';
import { inTime } from '../s3/client.ts';
import type { NewObject, ObjectWriter, Store } from '../store.ts';
import type { RemotePlace, RemoteSpec } from '../store-spec.ts';
import { BLOCK_BYTES, type ImageBlock, ImageBlocks } from './image-blocks.ts';

type EbsSdk = typeof import('@aws-sdk/client-ebs');

interface EbsApi {
  sdk: EbsSdk;
  client: EBSClient;
  close(): void;
}

/** Blocks that are on their way at once, in one thread. */
const BLOCKS_AHEAD = 16;
/** A snapshot that gets no block for so long is given up by EBS, minutes: a day. */
const TIMEOUT_MINUTES = 1440;
/** Nobody has this one: whoever may look is told that it is not there. */
const NO_SNAPSHOT = 'snap-00000000000000000';
const TEXT_MAX = 255;

/**
 * Opens EBS behind an endpoint, by its direct APIs (Amazon EBS direct APIs, API 2019-11-02). Each object is the raw
 * image of a volume and becomes a snapshot; only blocks that are not all zero are sent, each with its SHA-256, and
 * the snapshot is completed with the checksum over all of them. The snapshot has the key as its name; the bucket is a
 * tag. Snapshots are not listed, nor read: that takes EC2's own API.
 */
export function openEbsSnapshots(spec: RemoteSpec, signal?: AbortSignal): Store {
  const { bucket, remote } = spec;
  let opened: Promise<EbsApi> | undefined;
  const api = () => {
    opened ??= openEbs(remote, signal);
    return opened;
  };
  const on = async <T>(work: (api: EbsApi) => Promise<T>): Promise<T> => {
    try {
      return await work(await api());
    } catch (error) {
      throw s3Error(error, bucket);
    }
  };
  const mayAccess = async () => {
    try {
      await checkAccess(await api());
    } catch (error) {
      throw refusalError(error, bucket, 'use the direct APIs');
    }
  };
  const nothing = () => {
    throw new WaybillError('StoreUnavailable', { detail: 'EBS shows no objects, it takes images' });
  };
  const slots = new Semaphore(BLOCKS_AHEAD);
  return {
    kind: 'ebs',
    keyRules: KEY_RULES.ebs,
    concurrency: 1,
    check: async () => {
      await mayAccess();
      return undefined;
    },
    // Snapshots have no folders, and one that is begun cannot be taken away.
    probe: async (_stem, bytes) => {
      await mayAccess();
      return bytes;
    },
    list: nothing,
    open: nothing,
    // A new image never stands in another's way: names of snapshots need not differ.
    stat: () => undefined,
    put: (object) => {
      const detail = imageProblem(object);
      if (detail) throw new WaybillError('KeyRefused', { detail });
      return new SnapshotWriter({ on, slots, spec, object });
    },
    flush: () => [],
    close: async () => (await opened)?.close(),
  };
}

function imageProblem({ key }: NewObject): string | undefined {
  if (key.at(-1) === 0x2f) return 'an EBS snapshot is made from an image file';
  return keyProblem(key, KEY_RULES.ebs);
}

/** Loaded at first use: commands that reach no store start without it. */
async function openEbs(place: RemotePlace, signal: AbortSignal | undefined): Promise<EbsApi> {
  const [sdk, config] = await Promise.all([import('@aws-sdk/client-ebs'), clientConfig(place)]);
  const client = new sdk.EBSClient(config);
  const release = guardRequests(client, signal);
  const close = () => {
    release();
    client.destroy();
  };
  return { sdk, client, close };
}

/** Proves that the key pair may use the direct APIs. */
async function checkAccess({ client, sdk }: EbsApi): Promise<void> {
  const look = new sdk.ListSnapshotBlocksCommand({ SnapshotId: NO_SNAPSHOT });
  await client.send(look, inTime()).catch((error: unknown) => {
    if (failureOf(error).name !== 'ResourceNotFoundException') throw error;
  });
}

interface Writing {
  on<T>(work: (api: EbsApi) => Promise<T>): Promise<T>;
  slots: Semaphore;
  spec: RemoteSpec;
  object: NewObject;
}

/** Writes one image; blocks are on their way while the next ones come. */
class SnapshotWriter implements ObjectWriter {
  readonly #writing: Writing;
  readonly #blocks = new ImageBlocks();
  readonly #file: UploadFile | undefined;
  readonly #name: string;
  readonly #sending = new Set<Promise<void>>();
  #snapshot: Promise<HalfDone> | undefined;
  #failure: unknown;

  constructor(writing: Writing) {
    this.#writing = writing;
    const { spec, object } = writing;
    const { uploadsFile } = spec.remote;
    const sha256 = object.sha256?.toString('hex');
    this.#file = uploadsFile && sha256 ? new UploadFile(uploadsFile) : undefined;
    this.#name = [spec.bucket, object.key.toString('base64'), object.bytes, sha256].join(' ');
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (const block of this.#blocks.add(chunk)) await this.#send(block);
  }

  async commit(): Promise<void> {
    for (const block of this.#blocks.end()) await this.#send(block);
    const half = await this.#begun();
    await this.#settled();
    const { blocks, checksum } = this.#blocks.summary();
    await this.#writing.on(({ client, sdk }) =>
      client.send(
        new sdk.CompleteSnapshotCommand({
          SnapshotId: half.uploadId,
          ChangedBlocksCount: blocks,
          Checksum: checksum.toString('base64'),
          ChecksumAlgorithm: 'SHA256',
          ChecksumAggregationMethod: 'LINEAR',
        }),
      ),
    );
    this.#file?.note(this.#name, 'ended', half);
  }

  /** The direct APIs cannot take a snapshot away: one that is not completed fails by itself. */
  async abort(): Promise<void> {
    await Promise.allSettled(this.#sending);
    const half = await this.#snapshot?.catch(() => undefined);
    if (half) this.#file?.note(this.#name, 'ended', half);
  }

  async suspend(): Promise<void> {
    await Promise.allSettled(this.#sending);
  }

  async #send({ index, bytes, sha256 }: ImageBlock): Promise<void> {
    if (this.#failure) throw this.#failure;
    const release = await this.#writing.slots.acquire(1);
    const { uploadId: SnapshotId } = await this.#begun().catch((error: unknown) => {
      release();
      throw error;
    });
    const BlockData = Buffer.from(bytes);
    const { object } = this.#writing;
    const Progress = Math.min(99, Math.floor((index * BLOCK_BYTES * 100) / (object.bytes || 1)));
    const sending = this.#writing
      .on(({ client, sdk }) =>
        client.send(
          new sdk.PutSnapshotBlockCommand({
            SnapshotId,
            BlockIndex: index,
            BlockData,
            DataLength: BLOCK_BYTES,
            Progress,
            Checksum: sha256.toString('base64'),
            ChecksumAlgorithm: 'SHA256',
          }),
        ),
      )
      .then(() => undefined)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        release();
        this.#sending.delete(sending);
      });
    this.#sending.add(sending);
  }

  async #settled(): Promise<void> {
    await Promise.all(this.#sending);
    if (this.#failure) throw this.#failure;
  }

  /** Goes on with the snapshot of an earlier run, or starts one. Blocks that it has already are sent once more. */
  #begun(): Promise<HalfDone> {
    this.#snapshot ??= this.#start();
    return this.#snapshot;
  }

  async #start(): Promise<HalfDone> {
    const earlier = this.#file?.find(this.#name);
    if (earlier) return earlier;
    const { object, spec, on } = this.#writing;
    const { encryption } = spec.remote;
    const Name = object.key.toString().slice(-TEXT_MAX);
    const { SnapshotId } = await on(({ client, sdk }) =>
      client.send(
        new sdk.StartSnapshotCommand({
          // The smallest volume has 1 GiB.
          VolumeSize: Math.max(1, Math.ceil(object.bytes / GiB)),
          Description: `Imported by Waybill: ${object.key}`.slice(0, TEXT_MAX),
          Tags: [
            { Key: 'Name', Value: Name },
            { Key: 'waybill-bucket', Value: spec.bucket },
            ...(object.sha256
              ? [{ Key: 'waybill-sha256', Value: object.sha256.toString('hex') }]
              : []),
          ],
          Timeout: TIMEOUT_MINUTES,
          ...(encryption ? { Encrypted: true } : {}),
          ...(encryption?.mode === 'aws:kms' && encryption.keyId
            ? { KmsKeyArn: encryption.keyId }
            : {}),
        }),
      ),
    );
    if (!SnapshotId) throw new WaybillError('StoreUnavailable', { detail: 'no snapshot id' });
    const half = { uploadId: SnapshotId, partBytes: BLOCK_BYTES };
    this.#file?.note(this.#name, 'begun', half);
    return half;
  }
}
