import { type ErrorCode, WaybillError } from '../../domain/errors.ts';

/** How an error of Waybill is called on the two wires. */
interface WireNames {
  /** Snowball: name of the exception. */
  json: string;
  /** Import/Export: code of the error. */
  query: string;
}

/** The error as a client gets it. */
export interface WireError {
  code: string;
  http: number;
  message: string;
  /** Members that the exception declares beside its message. */
  members: Record<string, string>;
}

const name = (json: string, query: string): WireNames => ({ json, query });
const both = (text: string): WireNames => name(text, text);

const INVALID_STATE = name('InvalidJobStateException', 'UnableToUpdateJobIdException');
const COMBINATION = name('InvalidInputCombinationException', 'InvalidParameterException');
const ACCESS_DENIED = name('AccessDeniedException', 'AccessDenied');
const BUCKET = name('InvalidResourceException', 'NoSuchBucketException');

/** One table for both services; a code that is not in it is told by its HTTP status. */
const NAMES: Partial<Record<ErrorCode, WireNames>> = {
  SignatureMissing: name('MissingAuthenticationTokenException', 'MissingAuthenticationToken'),
  SignatureIncomplete: name('IncompleteSignatureException', 'IncompleteSignature'),
  AccessKeyUnknown: name('UnrecognizedClientException', 'InvalidClientTokenId'),
  SignatureMismatch: name('InvalidSignatureException', 'SignatureDoesNotMatch'),
  SignatureExpired: name('InvalidSignatureException', 'SignatureDoesNotMatch'),
  // Clients that sign by the second (boto3) sign two equal requests alike: after this one they sign anew and come again.
  RequestReplayed: name('ThrottlingException', 'Throttling'),
  OperationUnknown: name('UnknownOperationException', 'InvalidAction'),
  InputMalformed: name('SerializationException', 'MalformedInput'),
  InputMissing: name('ValidationException', 'MissingParameterException'),
  InputInvalid: name('ValidationException', 'InvalidParameterException'),
  BadRequest: name('ValidationException', 'InvalidParameterException'),
  BodyTooLarge: name('RequestEntityTooLargeException', 'RequestEntityTooLarge'),
  Forbidden: ACCESS_DENIED,
  OutOfScope: ACCESS_DENIED,
  NotManageableInConsole: ACCESS_DENIED,
  NotFound: name('InvalidResourceException', 'InvalidJobIdException'),
  BucketNotFound: BUCKET,
  StoreEmptyRange: BUCKET,
  StoreUnavailable: name('InvalidResourceException', 'BucketPermissionException'),
  StoreRightsMissing: name('InvalidResourceException', 'BucketPermissionException'),
  StoreFull: name('InvalidResourceException', 'BucketPermissionException'),
  StoreRefuses: name('InvalidResourceException', 'BucketPermissionException'),
  ExportTooLarge: INVALID_STATE,
  InvalidJobState: INVALID_STATE,
  PreconditionFailed: INVALID_STATE,
  JobNotChangeable: INVALID_STATE,
  CredentialsNotAvailable: INVALID_STATE,
  LabelNotReleased: INVALID_STATE,
  InputCombination: COMBINATION,
  OptionRule: COMBINATION,
  SizeOverLimit: COMBINATION,
  EncryptionEnforced: COMBINATION,
  ProcessingNotOffered: COMBINATION,
  AddressInvalid: both('InvalidAddressException'),
  AddressArchived: name('InvalidResourceException', 'InvalidAddressException'),
  DiskManifestMalformed: both('MalformedManifestException'),
  DiskFieldMissing: both('MissingManifestFieldException'),
  DiskFieldInvalid: both('InvalidManifestFieldException'),
  DiskKeyDiffers: both('InvalidAccessKeyIdException'),
  CustomsMissing: both('MissingCustomsException'),
  CustomsInvalid: both('InvalidCustomsException'),
  FileSystemInvalid: both('InvalidFileSystemException'),
  DiskJobUnknown: both('InvalidJobIdException'),
  DiskJobExpired: both('ExpiredJobIdException'),
  DiskJobCancelled: both('CanceledJobIdException'),
  DiskJobStarted: both('UnableToUpdateJobIdException'),
  DiskJobPastCancel: both('UnableToCancelJobIdException'),
  ApiVersionUnknown: both('InvalidVersionException'),
  PageTokenInvalid: name('InvalidNextTokenException', 'InvalidParameterException'),
  ClusterFull: both('ClusterLimitExceededException'),
  Conflict: both('ConflictException'),
  KeyUnavailable: both('KMSRequestFailedException'),
  TooManyRequests: name('ThrottlingException', 'Throttling'),
};

const BY_STATUS = (http: number): WireNames =>
  http >= 500
    ? name('InternalServerError', 'InternalFailure')
    : name('ValidationException', 'InvalidParameterException');

/** JSON services answer 400 for whatever the client can mend; Query services 403 for who is not let in. */
const HTTP_QUERY: Partial<Record<ErrorCode, number>> = {
  SignatureMissing: 403,
  AccessKeyUnknown: 403,
  SignatureMismatch: 403,
  SignatureExpired: 403,
  Forbidden: 403,
  OutOfScope: 403,
};

/**
 * AWS counts what its KMS refuses among the errors of the client, which does not come again by itself; so does a bucket that
 * takes nothing.
 */
const HTTP: Partial<Record<ErrorCode, number>> = {
  KeyUnavailable: 400,
  StoreFull: 400,
  StoreRefuses: 400,
};

/** What is not found, as `ResourceType` of an InvalidResourceException. */
const RESOURCE: Partial<Record<ErrorCode, string>> = {
  AddressArchived: 'Address',
  BucketNotFound: 'Bucket',
  StoreEmptyRange: 'KeyRange',
  StoreUnavailable: 'Bucket',
  StoreRightsMissing: 'Bucket',
  StoreFull: 'Bucket',
  StoreRefuses: 'Bucket',
};

/** An error in the words of a wire: what happened, then what to do. */
export function wireError(error: WaybillError, wire: keyof WireNames): WireError {
  const code = (NAMES[error.code] ?? BY_STATUS(error.http))[wire];
  const client = wire === 'json' ? 400 : (HTTP_QUERY[error.code] ?? 400);
  const members: Record<string, string> = {};
  if (code === 'InvalidResourceException') {
    members.ResourceType = RESOURCE[error.code] ?? capital(String(error.facts.what ?? 'Resource'));
  }
  if (code === 'ConflictException') members.ConflictResource = String(error.facts.what ?? 'Job');
  return {
    code,
    members,
    http: HTTP[error.code] ?? (error.http >= 500 ? error.http : client),
    message: `${sentence(error.message)} ${sentence(error.next)}`.trim(),
  };
}

const capital = (text: string): string =>
  text
    .split(/[\s-]+/)
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('');

const sentence = (text: string): string => (text === '' ? '' : `${capitalFirst(text)}.`);
const capitalFirst = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** What a bug is told as. */
export const internalError = (reference: string): WaybillError =>
  new WaybillError('Internal', { reference });
