import { setTimeout as sleep } from 'node:timers/promises';
import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { WaybillError } from '../../domain/errors.ts';
import { Stopped } from '../../domain/stopped.ts';
import { clientConfig, guardRequests, type Patience } from '../remote/client-config.ts';
import type { RemotePlace } from '../store-spec.ts';

export type S3Sdk = typeof import('@aws-sdk/client-s3');

/** The SDK's module with a client of one endpoint. */
export interface S3Api {
  sdk: S3Sdk;
  client: S3Client;
  /** For requests that may take the store long before it says a word. */
  patient: S3Client;
  close(): void;
}

/** Loaded at first use: commands that reach no store start without it. Requests end with Stopped when the signal aborts. */
export async function openS3(place: RemotePlace, signal?: AbortSignal): Promise<S3Api> {
  const sdk = await import('@aws-sdk/client-s3');
  const clientOf = async (patience: Patience) => {
    const client = new sdk.S3Client({
      ...(await clientConfig(place, patience)),
      forcePathStyle: place.pathStyle,
      // Checksums come from the source, not from the SDK.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      followRegionRedirects: true,
    });
    const release = guardRequests(client, signal);
    const close = () => {
      release();
      client.destroy();
    };
    return { client, close };
  };
  const [usual, patient] = await Promise.all([clientOf('usual'), clientOf('long')]);
  const close = () => {
    usual.close();
    patient.close();
  };
  return { sdk, client: usual.client, patient: patient.client, close };
}

/** Waits before something is tried again, at most until the signal aborts. */
export const rest = (
  { hurry }: RemotePlace,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> =>
  sleep(hurry ? 0 : ms, undefined, { signal }).catch(() => {
    throw new Stopped();
  });

const PROBE_MS = 60_000;

/** Options of a request that tries something out: it waits so long for an answer, with all that is sent again. */
export const inTime = (): { abortSignal: AbortSignal } => ({
  abortSignal: AbortSignal.timeout(PROBE_MS),
});

/**
 * Every answer of S3 about an object has its ETag. What has none is of something on the way, such as a portal, and says
 * nothing of the object. Throws StoreUnavailable.
 */
export function requireTag<T extends { ETag?: string | undefined }>(
  answer: T,
): T & { ETag: string } {
  const { ETag } = answer;
  if (ETag) return { ...answer, ETag };
  const detail = 'the answer has no ETag: it is not the store that gave it';
  throw new WaybillError('StoreUnavailable', { detail });
}

/** What of a command takes headers before it is signed. */
interface Signable {
  middlewareStack: {
    add(
      middleware: (next: (args: unknown) => unknown) => (args: unknown) => unknown,
      options: { step: 'build'; name: string },
    ): void;
  };
}

/**
 * Signs a body by a digest that is known already: the signature then covers the SHA-256 that the bytes had at
 * the source, and the store refuses any others (AWS Signature Version 4, x-amz-content-sha256).
 */
export function signDigest<T extends object>(command: T, sha256: Buffer): T {
  return withHeader(command, 'x-amz-content-sha256', sha256.toString('hex'));
}

/**
 * Asks for the checksums that the store keeps of an object. Said by the command's own option, the SDK would compare
 * them itself, and a difference would look like a connection that broke.
 */
export function askChecksums<T extends object>(command: T): T {
  return withHeader(command, 'x-amz-checksum-mode', 'ENABLED');
}

function withHeader<T extends object>(command: T, name: string, value: string): T {
  (command as Signable & T).middlewareStack.add(
    (next) => (args) => {
      const { request } = args as { request: { headers: Record<string, string> } };
      request.headers[name] = value;
      return next(args);
    },
    { step: 'build', name: `waybill ${name}` },
  );
  return command;
}

/** What new objects of a store have in common. */
export function storedAs({
  storageClass,
  encryption,
}: RemotePlace): Partial<PutObjectCommandInput> {
  return {
    ...(storageClass ? { StorageClass: storageClass } : {}),
    ...(encryption ? { ServerSideEncryption: encryption.mode } : {}),
    ...(encryption?.mode === 'aws:kms' && encryption.keyId
      ? { SSEKMSKeyId: encryption.keyId, BucketKeyEnabled: true }
      : {}),
  };
}

/** A CRC-32 as S3 writes it: base64 of its four bytes, the highest first. */
export function crcText(crc32: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32);
  return bytes.toString('base64');
}
