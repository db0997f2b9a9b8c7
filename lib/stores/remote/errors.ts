import { type ErrorCode, type Facts, WaybillError } from '../../domain/errors.ts';
import { Stopped } from '../../domain/stopped.ts';
import { refusalFacts, type StoreRefusal } from '../../domain/store-refusals.ts';
import { errnoOf } from '../../files/errno.ts';
import { meaningOfStatus, S3_CODES, type S3Meaning } from './error-codes.ts';

/** An answer of S3 that is an error, or what kept it from coming. */
interface S3Failure {
  /** S3's error code, e.g. NoSuchBucket; of network errors the errno. */
  name: string;
  /** HTTP status; 0 without an answer. */
  status: number;
  message: string;
}

/** What an error of the SDK means to its user. Typed errors pass through. Throws Stopped: a request that was stopped says nothing. */
export function s3Error(error: unknown, bucket: string): WaybillError {
  if (error instanceof Stopped) throw error;
  if (error instanceof WaybillError) return error;
  const failure = failureOf(error);
  const { error: code, refusal } = meaningOf(failure);
  return new WaybillError(code, factsOf(code, refusal, failure, bucket), { cause: error });
}

/**
 * What an error means that a probe got: it was no object of anybody's, so it is the store that refuses. `what` names what was
 * tried. Never an error of a single object; typed errors pass through. Throws Stopped, as `s3Error`.
 */
export function refusalError(error: unknown, bucket: string, what: string): WaybillError {
  if (error instanceof Stopped) throw error;
  if (error instanceof WaybillError) return error;
  const failure = failureOf(error);
  const { error: code, refusal } = meaningOf(failure);
  const detail = `it may not be possible to ${what}: ${detailOf(failure)}`;
  const facts = { bucket, refusal, detail };
  const whole = code === 'BucketNotFound' || code === 'StoreFull' || code === 'StoreUnavailable';
  if (whole) return new WaybillError(code, facts, { cause: error });
  return new WaybillError('StoreRefuses', refusalFacts(refusal, detail), { cause: error });
}

const meaningOf = ({ name, status }: S3Failure): S3Meaning =>
  S3_CODES[name] ?? meaningOfStatus(status);

function factsOf(
  code: ErrorCode,
  refusal: StoreRefusal,
  failure: S3Failure,
  bucket: string,
): Facts {
  if (code === 'StoreRefuses') return refusalFacts(refusal, detailOf(failure));
  if (code === 'ChecksumMismatch') return { detail: 'the store got other bytes' };
  if (code === 'KeyRefused') return { detail: 'the store says that it is too long' };
  if (code === 'StoreFull') return { detail: failure.name };
  return { bucket, refusal, detail: detailOf(failure) };
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
  const message = firstLine(error.message);
  const name = errnoOf(error) ?? (isTimeout(error) ? 'no answer in time' : error.name);
  if (!Number.isFinite(status) || status === 0) return { name, status: 0, message };
  // A body that is no XML has no code; neither has an answer without a body.
  if (message.includes('XML parse error'))
    return { name: `HTTP ${status}`, status, message: 'the answer is not one of S3' };
  return { name: NAMELESS.includes(name) ? `HTTP ${status}` : name, status, message };
}

const NAMELESS = ['Unknown', 'UnknownError', 'Error'];

/** What a request says that was given up: by its own limit (AbortSignal.timeout), or because nothing came. */
const isTimeout = ({ name }: Error): boolean =>
  ['AbortError', 'TimeoutError', 'NoAnswer'].includes(name);

/** The SDK adds hints for its own users in further lines. */
const firstLine = (text: string): string => text.split('\n', 1)[0]?.slice(0, 300) ?? '';

export const isMissing = (error: unknown): boolean => {
  const { name, status } = failureOf(error);
  return name !== 'NoSuchBucket' && (name === 'NotFound' || name === 'NoSuchKey' || status === 404);
};
