import { type ErrorCode, type Facts, WaybillError } from '../domain/errors.ts';
import { errnoOf } from '../files/errno.ts';

/** An answer of S3 that is an error, or what kept it from coming. */
interface S3Failure {
  /** S3's error code, e.g. NoSuchBucket; of network errors the errno. */
  name: string;
  /** HTTP status; 0 without an answer. */
  status: number;
  message: string;
}

type Verdict = (failure: S3Failure, bucket: string) => [ErrorCode, Facts?];

const checksum: Verdict = () => ['ChecksumMismatch', { detail: 'the store got other bytes' }];
const full: Verdict = ({ name }) => ['StoreFull', { detail: name }];
const unusable: Verdict = (failure) => ['StoreUnavailable', { detail: detailOf(failure) }];

/** What S3's error codes mean (Amazon S3 API Reference, "List of error codes"); the others go by their status. */
const VERDICTS: Record<string, Verdict> = {
  NoSuchBucket: (_, bucket) => ['BucketNotFound', { bucket }],
  NoSuchKey: () => ['ObjectVanished'],
  NotFound: () => ['ObjectVanished'],
  PreconditionFailed: () => ['ObjectExists'],
  ConditionalRequestConflict: () => ['ObjectExists'],
  BadDigest: checksum,
  XAmzContentSHA256Mismatch: checksum,
  XAmzContentChecksumMismatch: checksum,
  InvalidObjectState: () => ['ObjectArchived'],
  QuotaExceeded: full,
  InsufficientStorage: full,
  XMinioStorageFull: full,
  KeyTooLongError: () => ['KeyRefused', { detail: 'the store says that it is too long' }],
  InvalidAccessKeyId: unusable,
  SignatureDoesNotMatch: unusable,
  ExpiredToken: unusable,
  InvalidToken: unusable,
  RequestTimeTooSkewed: unusable,
  AllAccessDisabled: unusable,
  NotImplemented: unusable,
  InvalidStorageClass: unusable,
  PermanentRedirect: unusable,
};

/** What an error of the SDK means to its user. Typed errors pass through. */
export function s3Error(error: unknown, bucket: string): WaybillError {
  if (error instanceof WaybillError) return error;
  const failure = failureOf(error);
  const [code, facts] = (VERDICTS[failure.name] ?? byStatus(failure))(failure, bucket);
  return new WaybillError(code, facts, { cause: error });
}

function byStatus({ status }: S3Failure): Verdict {
  if (status === 507) return full;
  // What is refused with the key in hand is this object's affair; the store has passed its check.
  return status === 400 || status === 403 || status === 413 || status === 422
    ? (failure) => ['ObjectRefused', { detail: detailOf(failure) }]
    : unusable;
}

const detailOf = ({ name, status, message }: S3Failure): string =>
  [name, status === 0 || message === '' || message === 'UnknownError' ? '' : message]
    .filter((text) => text !== '')
    .join(': ');

/** The name, the HTTP status and the message of an error of the SDK. */
export function failureOf(error: unknown): S3Failure {
  if (!(error instanceof Error)) return { name: 'unknown', status: 0, message: String(error) };
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  const status =
    metadata && typeof metadata === 'object' && 'httpStatusCode' in metadata
      ? Number(metadata.httpStatusCode)
      : 0;
  const name = errnoOf(error) ?? error.name;
  return { name, status: Number.isFinite(status) ? status : 0, message: firstLine(error.message) };
}

/** The SDK adds hints for its own users in further lines. */
const firstLine = (text: string): string => text.split('\n', 1)[0]?.slice(0, 300) ?? '';

export const isMissing = (error: unknown): boolean => {
  const { name, status } = failureOf(error);
  return name !== 'NoSuchBucket' && (name === 'NotFound' || name === 'NoSuchKey' || status === 404);
};
