import { WaybillError } from '../domain/errors.ts';
import { ALGORITHM, queryPairs, type RawRequest, type Scope } from './canonical-request.ts';

/** What a request claims about its signature; nothing of it is proven. */
export interface SignatureClaim {
  scope: Scope;
  /** Lower-case, as listed by the signer. */
  signedHeaders: string[];
  signature: string;
  /** YYYYMMDDTHHMMSSZ. */
  signedAt: string;
  /** Of a presigned request: how long it is good for, seconds. */
  expiresIn?: number;
}

const incomplete = (detail: string): WaybillError =>
  new WaybillError('SignatureIncomplete', { detail });

/** A week, the longest that a presigned request may last. */
const EXPIRES_MAX = 604_800;

/** Reads the signature from the Authorization header, else from the query. Throws SignatureMissing, SignatureIncomplete, AccessKeyUnknown. */
export function readClaim(request: RawRequest): SignatureClaim {
  const header = request.headers.get('authorization');
  const claim = header ? ofHeader(header, request) : ofQuery(request);
  checkHeaders(claim, request);
  return claim;
}

function ofHeader(header: string, { headers }: RawRequest): SignatureClaim {
  const [, algorithm = '', fields = ''] = /^(\S+)\s+(.*)$/s.exec(header) ?? [];
  if (algorithm !== ALGORITHM) throw incomplete(`the algorithm is not ${ALGORITHM}`);
  const named = new Map(
    fields.split(',').map((field): [string, string] => {
      const [name = '', ...value] = field.trim().split('=');
      return [name, value.join('=')];
    }),
  );
  // Only a header that is signed below counts; the plain Date is what a signer falls back to.
  const signedAt = headers.get('x-amz-date') ?? compactDate(headers.get('date'));
  return {
    scope: scopeOf(named.get('Credential')),
    signedHeaders: headersOf(named.get('SignedHeaders')),
    signature: signatureText(named.get('Signature')),
    signedAt: dateText(signedAt),
  };
}

function ofQuery({ query, headers }: RawRequest): SignatureClaim {
  const named = new Map(queryPairs(query));
  if (!named.has('X-Amz-Signature') && !named.has('X-Amz-Algorithm')) {
    throw new WaybillError('SignatureMissing');
  }
  if (named.get('X-Amz-Algorithm') !== ALGORITHM)
    throw incomplete(`the algorithm is not ${ALGORITHM}`);
  if (named.has('X-Amz-Security-Token') || headers.has('x-amz-security-token')) {
    throw new WaybillError('AccessKeyUnknown');
  }
  const expiresIn = Number(named.get('X-Amz-Expires') ?? Number.NaN);
  if (!Number.isInteger(expiresIn) || expiresIn < 1 || expiresIn > EXPIRES_MAX) {
    throw incomplete(`X-Amz-Expires is a number of seconds from 1 to ${EXPIRES_MAX}`);
  }
  return {
    scope: scopeOf(named.get('X-Amz-Credential')),
    signedHeaders: headersOf(named.get('X-Amz-SignedHeaders')),
    signature: signatureText(named.get('X-Amz-Signature')),
    signedAt: dateText(named.get('X-Amz-Date')),
    expiresIn,
  };
}

function scopeOf(text: string | undefined): Scope {
  const parts = text?.split('/') ?? [];
  const [keyId = '', day = '', region = '', service = '', end] = parts;
  if (parts.length !== 5 || end !== 'aws4_request' || !/^\d{8}$/.test(day) || !keyId || !service) {
    throw incomplete('Credential is KEY/YYYYMMDD/REGION/SERVICE/aws4_request');
  }
  return { keyId, day, region, service };
}

function headersOf(text: string | undefined): string[] {
  const names = text?.split(';') ?? [];
  const inOrder = names.every((name, i) => i === 0 || (names[i - 1] ?? '') < name);
  if (!inOrder || !names.every((name) => /^[a-z0-9-]+$/.test(name))) {
    throw incomplete('SignedHeaders are lower-case names in order, separated by semicolons');
  }
  return names;
}

function signatureText(text: string | undefined): string {
  if (!text || !/^[0-9a-f]{64}$/.test(text))
    throw incomplete('Signature is 64 hexadecimal letters');
  return text;
}

function dateText(text: string | undefined): string {
  if (!text || !/^\d{8}T\d{6}Z$/.test(text)) throw incomplete('X-Amz-Date is YYYYMMDDTHHMMSSZ');
  return text;
}

function compactDate(header: string | null): string | undefined {
  const time = Date.parse(header ?? '');
  if (Number.isNaN(time)) return undefined;
  return new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** Headers that decide what a request means: one that is there must be signed. */
const DECISIVE = ['x-amz-date', 'x-amz-target', 'x-amz-content-sha256', 'content-encoding'];

function checkHeaders({ signedHeaders }: SignatureClaim, { headers }: RawRequest): void {
  if (headers.has('x-amz-security-token')) throw new WaybillError('AccessKeyUnknown');
  const required = ['host', ...DECISIVE.filter((name) => headers.has(name))];
  const isPresigned = !headers.has('authorization');
  const dated = isPresigned || headers.has('x-amz-date') ? [] : ['date'];
  const missing = [...required, ...dated].filter((name) => !signedHeaders.includes(name));
  if (missing.length > 0) throw incomplete(`SignedHeaders must name ${missing.join(', ')}`);
}
