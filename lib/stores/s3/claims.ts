import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { hasParts, likelyPartSizes, type PartLayout } from '../proof/part-layout.ts';
import { type Algorithm, type Claim, Prover, type Trial } from '../proof/prover.ts';
import { failureOf } from '../remote/errors.ts';
import type { Proving } from '../store.ts';
import type { S3Bucket } from './bucket.ts';
import { inTime } from './client.ts';
import { SHA256_FIELD } from './metadata.ts';

/** What S3 says of an object's bytes, and how it can be compared. STORES.md, "Exports prove what they read". */

type Answer = Pick<
  GetObjectCommandOutput,
  | 'ETag'
  | 'Metadata'
  | 'ContentLength'
  | 'ServerSideEncryption'
  | 'SSECustomerAlgorithm'
  | 'ChecksumCRC32'
  | 'ChecksumCRC32C'
  | 'ChecksumCRC64NVME'
  | 'ChecksumSHA1'
  | 'ChecksumSHA256'
>;

/** The cheapest first: CRC-32 and SHA-256 are taken of every object anyway. */
const CHECKSUMS: readonly (readonly [keyof Answer, Algorithm, bytes: number])[] = [
  ['ChecksumCRC32', 'crc32', 4],
  ['ChecksumSHA256', 'sha256', 32],
  ['ChecksumCRC64NVME', 'crc64nvme', 8],
  ['ChecksumCRC32C', 'crc32c', 4],
  ['ChecksumSHA1', 'sha1', 20],
];

/** What the answer to a GET says of the object's bytes, in the order in which it counts. */
export function claimsOf(answer: Answer, etags: 'opaque' | undefined): Claim[] {
  const checksums = CHECKSUMS.flatMap(([field, algorithm, bytes]) => {
    // `-N`: of the checksums of N parts.
    const match = /^([A-Za-z0-9+/]+=*)(?:-(\d{1,5}))?$/.exec(String(answer[field] ?? ''));
    const value = Buffer.from(match?.[1] ?? '', 'base64');
    if (value.length !== bytes) return [];
    return [claim(`checksum:${algorithm}`, algorithm, value, match?.[2])];
  });
  const whole = checksums.filter(({ parts }) => parts === undefined);
  const ofParts = checksums.filter(({ parts }) => parts !== undefined);
  const noted = answer.Metadata?.[SHA256_FIELD] ?? '';
  const note = /^[0-9a-f]{64}$/.test(noted)
    ? [claim('waybill-sha256', 'sha256', Buffer.from(noted, 'hex'))]
    : [];
  return [...whole, ...ofParts, ...note, ...(etags === 'opaque' ? [] : etagClaims(answer))];
}

/** The ETag is the MD5 unless a key of KMS or of the customer encrypts (Amazon S3 API Reference, "Object"). */
function etagClaims({ ETag = '', ServerSideEncryption, SSECustomerAlgorithm }: Answer): Claim[] {
  if (SSECustomerAlgorithm || ServerSideEncryption?.startsWith('aws:kms')) return [];
  const match = /^"?([0-9a-f]{32})(?:-(\d{1,5}))?"?$/i.exec(ETag);
  if (!match) return [];
  return [claim('etag:md5', 'md5', Buffer.from(match[1] ?? '', 'hex'), match[2])];
}

function claim(
  proof: Claim['proof'],
  algorithm: Algorithm,
  value: Buffer,
  parts?: string | undefined,
): Claim {
  if (parts === undefined) return { proof, algorithm, value, parts: undefined };
  return { proof: `${proof}-parts` as Claim['proof'], algorithm, value, parts: Number(parts) };
}

/**
 * A prover for an object that is being read. At first the best claim is compared; `again`, after it differed, all of
 * them, with the size of each part as the store has it.
 */
export async function proverOf(
  bucket: S3Bucket,
  key: string,
  answer: Answer,
  proving: Proving,
): Promise<Prover> {
  const claims = claimsOf(answer, bucket.place.etags);
  const trials: Trial[] = [];
  const guesses: Trial[] = [];
  const layouts = new Map<number, PartLayout | undefined>();
  for (const each of claims) {
    if (proving === 'first' && trials.length > 0) break;
    if (each.parts === undefined) {
      trials.push({ claim: each });
      continue;
    }
    const bytes = answer.ContentLength ?? 0;
    const object = { key, etag: answer.ETag, bytes, count: each.parts };
    if (!layouts.has(each.parts))
      layouts.set(each.parts, await layoutOf(bucket, object, proving === 'again'));
    const layout = layouts.get(each.parts);
    if (layout !== undefined) trials.push({ claim: each, layout });
    else if (guesses.length === 0)
      for (const size of likelyPartSizes(bytes, each.parts))
        guesses.push({ claim: each, layout: size, isGuess: true });
  }
  const needsGuess = trials.length === 0 || proving === 'again';
  const doubt = claims.length > 0 && trials.length === 0 && guesses.length === 0;
  return new Prover([...trials, ...(needsGuess ? guesses : [])], doubt);
}

interface InParts {
  key: string;
  etag: string | undefined;
  bytes: number;
  count: number;
}

/** Sizes of an object's parts as the store tells them; undefined when it does not. Throws what `S3Bucket.on` throws. */
async function layoutOf(
  bucket: S3Bucket,
  object: InParts,
  exactly: boolean,
): Promise<PartLayout | undefined> {
  const { bytes, count } = object;
  if (count === 1) return Math.max(bytes, 1);
  const first = await partSize(bucket, object, 1);
  if (first === undefined || first >= bytes) return undefined;
  if (!exactly && hasParts(bytes, count, first)) return first;
  const sizes = [first];
  while (sizes.length < count) {
    const numbers = Array.from(
      { length: Math.min(PARTS_AT_ONCE, count - sizes.length) },
      (_, i) => sizes.length + i + 1,
    );
    const found = await Promise.all(numbers.map((number) => partSize(bucket, object, number)));
    for (const size of found) {
      if (size === undefined) return undefined;
      sizes.push(size);
    }
  }
  return sizes.reduce((sum, size) => sum + size, 0) === bytes ? sizes : undefined;
}

const PARTS_AT_ONCE = 16;

/** Buckets whose endpoint has shown that it does not tell parts: the question can cost a broken connection each time. */
const untold = new WeakSet<S3Bucket>();

/** The size of a part; undefined when the store does not know parts. */
async function partSize(
  bucket: S3Bucket,
  { key, etag, count }: InParts,
  PartNumber: number,
): Promise<number | undefined> {
  if (untold.has(bucket)) return undefined;
  return bucket.on(async ({ client, sdk }) => {
    try {
      const head = new sdk.HeadObjectCommand({
        Bucket: bucket.name,
        Key: key,
        PartNumber,
        IfMatch: etag,
      });
      const { ContentLength, PartsCount } = await client.send(head, inTime());
      return PartsCount === undefined || PartsCount === count ? ContentLength : undefined;
    } catch (error) {
      // What the parts cannot be compared with, other trials are for; that the store answers shows in its objects.
      const { status } = failureOf(error);
      if (status !== 404 && status !== 412) untold.add(bucket);
      return undefined;
    }
  });
}
