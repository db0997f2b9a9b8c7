import type { ErrorCode } from '../../domain/errors.ts';
import type { StoreRefusal } from '../../domain/store-refusals.ts';

/** What an error code of S3 means. */
export interface S3Meaning {
  /** What it says of the request that got it. */
  error: ErrorCode;
  /** What it says of the store, when a probe gets it. */
  refusal: StoreRefusal;
}

const means = (error: ErrorCode, refusal: StoreRefusal = 'unknown'): S3Meaning => ({
  error,
  refusal,
});
/** It would meet any object. */
const refuses = (refusal: StoreRefusal): S3Meaning => means('StoreRefuses', refusal);
/** It may be this object's affair, or all of them: a probe says which. */
const doubtful = (refusal: StoreRefusal): S3Meaning => means('ObjectRefused', refusal);
const checksum = means('ChecksumMismatch');
const full = means('StoreFull', 'quota');
const busy = means('StoreUnavailable', 'busy');

/**
 * The one table of error codes: of S3 (Amazon S3 API Reference, "List of error codes"), of KMS and EBS as S3 and the direct
 * APIs pass them on, and of servers in the field. A code that is not here goes by its status. No code alone decides
 * whether all of the store is meant: a probe does.
 */
export const S3_CODES: Record<string, S3Meaning> = {
  // The object's own
  NoSuchKey: means('ObjectVanished'),
  NotFound: means('ObjectVanished'),
  NoSuchUpload: means('ObjectVanished'),
  PreconditionFailed: means('ObjectExists'),
  ConditionalRequestConflict: means('ObjectExists'),
  InvalidObjectState: means('ObjectArchived'),
  KeyTooLongError: means('KeyRefused'),
  // Hurt on the way
  BadDigest: checksum,
  InvalidDigest: checksum,
  XAmzContentSHA256Mismatch: checksum,
  XAmzContentChecksumMismatch: checksum,
  IncompleteBody: checksum,
  // Rights
  AccessDenied: doubtful('right'),
  AccessDeniedException: doubtful('right'),
  UnauthorizedOperation: doubtful('right'),
  AccountProblem: refuses('account'),
  AllAccessDisabled: refuses('account'),
  UserSuspended: refuses('account'),
  NotSignedUp: refuses('account'),
  InvalidPayer: refuses('account'),
  // Key pair, signature, clock
  InvalidAccessKeyId: refuses('key'),
  InvalidClientTokenId: refuses('key'),
  UnrecognizedClientException: refuses('key'),
  ExpiredToken: refuses('key'),
  ExpiredTokenException: refuses('key'),
  InvalidToken: refuses('key'),
  TokenRefreshRequired: refuses('key'),
  InvalidSecurity: refuses('key'),
  AccessKeyDisabled: refuses('key'),
  XMinioAdminUserDisabled: refuses('key'),
  SignatureDoesNotMatch: refuses('signature'),
  InvalidSignatureException: refuses('signature'),
  MissingSecurityHeader: refuses('signature'),
  RequestTimeTooSkewed: refuses('clock'),
  RequestExpired: refuses('clock'),
  // Room
  QuotaExceeded: full,
  InsufficientStorage: full,
  InsufficientCapacity: full,
  NoSpaceLeft: full,
  XMinioStorageFull: full,
  XMinioAdminBucketQuotaExceeded: full,
  StorageLimitExceeded: full,
  // Swift's word for a quota as well
  EntityTooLarge: doubtful('size'),
  MaxMessageLengthExceeded: doubtful('size'),
  // Bucket and region
  NoSuchBucket: means('BucketNotFound', 'bucket'),
  PermanentRedirect: refuses('region'),
  TemporaryRedirect: refuses('region'),
  Redirect: refuses('region'),
  AuthorizationHeaderMalformed: refuses('region'),
  IllegalLocationConstraintException: refuses('region'),
  // Read-only, settings, keys of the key service
  MethodNotAllowed: refuses('read-only'),
  ReadOnly: refuses('read-only'),
  XMinioStorageReadOnly: refuses('read-only'),
  ObjectLockConfigurationNotFoundError: refuses('setting'),
  InvalidStorageClass: refuses('setting'),
  NotImplemented: refuses('setting'),
  InvalidEncryptionAlgorithmError: refuses('setting'),
  ServerSideEncryptionConfigurationNotFoundError: refuses('setting'),
  'KMS.DisabledException': refuses('encryption'),
  'KMS.NotFoundException': refuses('encryption'),
  'KMS.KMSInvalidStateException': refuses('encryption'),
  'KMS.InvalidKeyUsageException': refuses('encryption'),
  'KMS.AccessDeniedException': refuses('encryption'),
  KMSDisabledException: refuses('encryption'),
  KMSInvalidStateException: refuses('encryption'),
  // No time
  SlowDown: busy,
  ServiceUnavailable: busy,
  TooManyRequests: busy,
  RequestLimitExceeded: busy,
  ThrottlingException: busy,
  Throttling: busy,
  InternalError: means('StoreUnavailable'),
  OperationAborted: busy,
};

/** What a status means that comes with no code of the table; 0 when there was no answer. */
export function meaningOfStatus(status: number): S3Meaning {
  if (status === 0) return means('StoreUnavailable', 'unreachable');
  if (status === 507) return full;
  // Without a code of the table it is a proxy's word.
  if (status === 413) return doubtful('size');
  if (status === 429 || status === 503) return busy;
  if (status === 401) return refuses('key');
  if (status === 405) return refuses('read-only');
  if (status === 301 || status === 307 || status === 308) return refuses('region');
  if (status === 403) return doubtful('right');
  if (status === 400 || status === 422) return doubtful('unknown');
  return means('StoreUnavailable');
}
