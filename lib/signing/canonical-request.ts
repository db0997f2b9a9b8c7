import { createHash, createHmac } from 'node:crypto';

/**
 * AWS Signature Version 4: from a request to the signature it must carry (AWS General Reference, "Signature
 * Version 4 signing process").
 */

export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** A request as it came over the wire. */
export interface RawRequest {
  method: string;
  /** As sent: percent-encoded, no query. */
  path: string;
  /** Without the question mark, as sent. */
  query: string;
  headers: Headers;
  body: Uint8Array;
}

/** What the signer said it signed, and for whom. */
export interface Scope {
  keyId: string;
  /** YYYYMMDD. */
  day: string;
  region: string;
  service: string;
}

export const sha256Hex = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex');

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

/** Percent-encoding of RFC 3986: everything but letters, digits and `-._~`. */
export const percentEncode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** The pairs of a query string, decoded. Throws URIError for a broken escape. */
export function queryPairs(query: string): [name: string, value: string][] {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      const [name, value] = at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
      return [decodeURIComponent(name), decodeURIComponent(value)];
    });
}

/** The pairs, encoded again and in canonical order; the signature itself is left out. */
export function canonicalQuery(query: string): string {
  return queryPairs(query)
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Every service but S3 encodes the path once more. */
const canonicalPath = (path: string): string => path.split('/').map(percentEncode).join('/') || '/';

/** The text whose hash is signed. `signedHeaders` are lower-case and in order. */
export function canonicalRequest(request: RawRequest, signedHeaders: readonly string[]): string {
  const headers = signedHeaders.map((name) => {
    const value = (request.headers.get(name) ?? '').trim().replace(/\s+/g, ' ');
    return `${name}:${value}\n`;
  });
  return [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.query),
    headers.join(''),
    signedHeaders.join(';'),
    sha256Hex(request.body),
  ].join('\n');
}

/** The signature of a canonical request, lower-case hex. `signedAt` is YYYYMMDDTHHMMSSZ. */
export function signatureOf(
  canonical: string,
  { scope, signedAt, secret }: { scope: Scope; signedAt: string; secret: string },
): string {
  const { day, region, service } = scope;
  const scopeText = `${day}/${region}/${service}/aws4_request`;
  const text = [ALGORITHM, signedAt, scopeText, sha256Hex(canonical)].join('\n');
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), 'aws4_request');
  return hmac(key, text).toString('hex');
}
