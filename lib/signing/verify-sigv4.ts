import { WaybillError } from '../domain/errors.ts';
import { safeEqual } from '../keys/secrets.ts';
import { canonicalRequest, type RawRequest, sha256Hex, signatureOf } from './canonical-request.ts';
import { readClaim, type SignatureClaim } from './sigv4-claim.ts';

/** How far the clock of a client may be off, and how long a signature can be sent again. */
export const SKEW_MS = 15 * 60_000;

/** Whose secret it is, and whom the key stands for. */
export interface OpenedKey<T> {
  secret: string;
  actor: T;
}

export interface Verified<T> {
  actor: T;
  signature: string;
  /** Until when the same request would be accepted by its date. */
  goodUntil: Date;
}

/**
 * Proves who sent a request. `services` are the names that its scope may have. Throws SignatureMissing,
 * SignatureIncomplete, SignatureExpired, AccessKeyUnknown, SignatureMismatch.
 */
export async function verifyRequest<T>(
  request: RawRequest,
  options: {
    services: readonly string[];
    openKey(id: string): Promise<OpenedKey<T> | undefined>;
    now: Date;
  },
): Promise<Verified<T>> {
  const { services, openKey, now } = options;
  const claim = readClaim(request);
  const { scope, signature, signedAt } = claim;
  const goodUntil = checkDate(claim, now);
  if (!services.includes(scope.service)) {
    throw mismatch(`Credential should be scoped to correct service: '${services[0]}'`);
  }
  if (scope.day !== signedAt.slice(0, 8)) {
    throw mismatch(`Date in Credential scope does not match ${signedAt}`);
  }
  checkBody(request);
  const key = await openKey(scope.keyId);
  if (!key) throw new WaybillError('AccessKeyUnknown');
  const matches = pathForms(request).some((form) => {
    const canonical = canonicalRequest(form, claim.signedHeaders);
    return safeEqual(signatureOf(canonical, { scope, signedAt, secret: key.secret }), signature);
  });
  if (!matches) throw mismatch('check the secret access key and the signing method');
  return { actor: key.actor, signature, goodUntil };
}

const mismatch = (detail: string): WaybillError =>
  new WaybillError('SignatureMismatch', { detail });

/** A framework may take a slash off the end of the path; it means nothing here, so both forms are one. */
function pathForms(request: RawRequest): RawRequest[] {
  const bare = request.path.replace(/\/+$/, '');
  return [{ ...request, path: bare || '/' }, ...(bare ? [{ ...request, path: `${bare}/` }] : [])];
}

/** Returns until when the date of the request is good. */
function checkDate({ signedAt, expiresIn }: SignatureClaim, now: Date): Date {
  const iso = signedAt.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const time = Date.parse(iso);
  const until = time + (expiresIn === undefined ? SKEW_MS : expiresIn * 1000);
  if (Number.isNaN(time) || time - SKEW_MS > now.getTime() || until < now.getTime()) {
    const text = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
    throw new WaybillError('SignatureExpired', { signed: signedAt, now: text });
  }
  return new Date(until);
}

/** The hash that is signed is the hash of what came; a client may also say it in a header, and then that must agree. */
function checkBody({ headers, body }: RawRequest): void {
  const contentSha256 = headers.get('x-amz-content-sha256');
  if (contentSha256 !== null && contentSha256.toLowerCase() !== sha256Hex(body)) {
    throw mismatch('x-amz-content-sha256 is not the hash of the body');
  }
}
