import { createHmac } from 'node:crypto';
import { WaybillError } from '../domain/errors.ts';
import { safeEqual } from '../keys/secrets.ts';
import { percentEncode, type RawRequest } from './canonical-request.ts';
import { type OpenedKey, SKEW_MS, type Verified } from './verify-sigv4.ts';

/** Signature Version 2, as old clients of Import/Export sign: fields of the query or form itself. */

/** Whether the fields carry such a signature. */
export const isSignedV2 = (fields: ReadonlyMap<string, string>): boolean =>
  fields.get('SignatureVersion') === '2' && fields.has('AWSAccessKeyId');

const HASHES: Record<string, string> = { HmacSHA256: 'sha256', HmacSHA1: 'sha1' };

/** Proves who sent the fields. Throws SignatureIncomplete, SignatureExpired, AccessKeyUnknown, SignatureMismatch. */
export async function verifyFields<T>(
  request: RawRequest,
  fields: ReadonlyMap<string, string>,
  options: { openKey(id: string): Promise<OpenedKey<T> | undefined>; now: Date },
): Promise<Verified<T>> {
  const { openKey, now } = options;
  const hash = HASHES[fields.get('SignatureMethod') ?? ''];
  if (!hash) {
    const detail = `SignatureMethod is ${Object.keys(HASHES).join(' or ')}`;
    throw new WaybillError('SignatureIncomplete', { detail });
  }
  const goodUntil = checkTimes(fields, now);
  const key = await openKey(fields.get('AWSAccessKeyId') ?? '');
  if (!key) throw new WaybillError('AccessKeyUnknown');
  const given = fields.get('Signature') ?? '';
  const bare = request.path.replace(/\/+$/, '');
  const matches = [bare || '/', `${bare}/`].some((path) => {
    const text = textToSign({ ...request, path }, fields);
    return safeEqual(createHmac(hash, key.secret).update(text).digest('base64'), given);
  });
  if (!matches) {
    throw new WaybillError('SignatureMismatch', { detail: 'check the secret access key' });
  }
  return { actor: key.actor, signature: given, goodUntil };
}

function textToSign(
  { method, headers, path }: RawRequest,
  fields: ReadonlyMap<string, string>,
): string {
  const query = [...fields]
    .filter(([name]) => name !== 'Signature')
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  return [method, (headers.get('host') ?? '').toLowerCase(), path, query].join('\n');
}

function checkTimes(fields: ReadonlyMap<string, string>, now: Date): Date {
  const signed = fields.get('Timestamp') ?? fields.get('Expires') ?? '';
  const time = Date.parse(signed);
  const until = fields.has('Timestamp') ? time + SKEW_MS : time;
  if (Number.isNaN(time)) {
    throw new WaybillError('SignatureIncomplete', { detail: 'Timestamp is a time of ISO 8601' });
  }
  // No request is good for longer than one with a Timestamp: neither signed ahead, nor with an Expires far away.
  const isEarly = time - SKEW_MS > now.getTime();
  if (isEarly || until < now.getTime()) {
    throw new WaybillError('SignatureExpired', { signed, now: now.toISOString() });
  }
  return new Date(until);
}
