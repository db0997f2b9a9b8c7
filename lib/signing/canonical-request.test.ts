import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { SourceData } from '@smithy/types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalQuery, type RawRequest } from './canonical-request.ts';
import { isSignedV2, verifyFields } from './verify-sigv2.ts';
import { verifyRequest } from './verify-sigv4.ts';

/** Requests are signed by the signer that AWS's own SDK uses. */

const KEY = {
  accessKeyId: 'WBAKAAAAAAAAAAAAAAAA',
  secretAccessKey: 'a/secret+of40characters0123456789abcdefg',
};
const NOW = new Date('2026-03-04T05:06:07Z');
const MINUTE = 60_000;

const bytesOf = (data: SourceData): Buffer =>
  typeof data === 'string'
    ? Buffer.from(data)
    : ArrayBuffer.isView(data)
      ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
      : Buffer.from(data);

class Sha256 {
  readonly #hash;
  constructor(secret?: SourceData) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }
  update(data: SourceData) {
    this.#hash.update(bytesOf(data));
  }
  async digest() {
    return new Uint8Array(this.#hash.digest());
  }
}

const signer = (service = 'snowball') =>
  new SignatureV4({ credentials: KEY, region: 'eu-west-1', service, sha256: Sha256 });

interface Plain {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: string;
}

const plain = (changes: Partial<Plain> = {}): Plain => ({
  method: 'POST',
  path: '/api/aws/',
  query: {},
  body: '{"JobId":"ä"}',
  headers: { host: 'waybill.example', 'x-amz-target': 'S.Op', 'content-type': 'application/json' },
  ...changes,
});

const encoded = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** As it arrives at the server. */
const arrived = (request: {
  method: string;
  path: string;
  headers: object;
  body?: unknown;
  query?: object;
}): RawRequest => ({
  method: request.method,
  path: request.path,
  query: Object.entries(request.query ?? {})
    .map(([name, value]) => `${encoded(name)}=${encoded(String(value))}`)
    .join('&'),
  headers: new Headers(
    Object.entries(request.headers).map(([n, v]): [string, string] => [n, String(v)]),
  ),
  body: Buffer.from(String(request.body ?? '')),
});

async function signed(changes: Partial<Plain> = {}, at = NOW): Promise<RawRequest> {
  const request = { protocol: 'http:', hostname: 'waybill.example', ...plain(changes) };
  return arrived(await signer().sign(request, { signingDate: at }));
}

const verify = (request: RawRequest, now = NOW) =>
  verifyRequest(request, {
    services: ['snowball'],
    openKey: async (id) =>
      id === KEY.accessKeyId ? { secret: KEY.secretAccessKey, actor: 'ada' } : undefined,
    now,
  });

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'accepted',
    (error) => error.code,
  );

describe('what the SDK signs', () => {
  test('is accepted, with the last slash of the path or without', async () => {
    const request = await signed();
    expect(await verify(request)).toMatchObject({ actor: 'ada' });
    expect(await verify({ ...request, path: '/api/aws' })).toMatchObject({ actor: 'ada' });
  });

  test('is accepted whatever query and body it has', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          // This signer sorts names before it encodes them, which differs for other letters.
          fc.stringMatching(/^[A-Za-z0-9_.~-]{1,12}$/),
          text,
          { maxKeys: 4 },
        ),
        text,
        async (query, body) => {
          expect(await verify(await signed({ query, body }))).toMatchObject({ actor: 'ada' });
        },
      ),
      { numRuns: 50 },
    );
  });

  test('presigned: good until it expires', async () => {
    const request = {
      protocol: 'http:',
      hostname: 'waybill.example',
      ...plain({ method: 'GET', body: '' }),
    };
    const made = await signer().presign(request, { signingDate: NOW, expiresIn: 3600 });
    const raw = arrived(made);
    expect(await codeOf(verify(raw, new Date(NOW.getTime() + 59 * MINUTE)))).toBe('accepted');
    expect(await codeOf(verify(raw, new Date(NOW.getTime() + 61 * MINUTE)))).toBe(
      'SignatureExpired',
    );
    expect(await codeOf(verify({ ...raw, query: raw.query.replace('3600', '7200') }))).toBe(
      'SignatureMismatch',
    );
  });
});

describe('what was changed on the way', () => {
  test.each<[string, (request: RawRequest) => RawRequest]>([
    ['method', (r) => ({ ...r, method: 'PUT' })],
    ['path', (r) => ({ ...r, path: '/api/other' })],
    ['query', (r) => ({ ...r, query: 'Action=Other' })],
    ['body', (r) => ({ ...r, body: Buffer.from('{}') })],
    ['host', (r) => ({ ...r, headers: withHeader(r.headers, 'host', 'other.example') })],
    ['target', (r) => ({ ...r, headers: withHeader(r.headers, 'x-amz-target', 'S.Other') })],
  ])('%s: is refused', async (_, change) => {
    expect(await codeOf(verify(change(await signed())))).toBe('SignatureMismatch');
  });

  test('a target that nobody signed is refused', async () => {
    const { headers, ...rest } = await signed({ headers: { host: 'waybill.example' } });
    const raw = { ...rest, headers: withHeader(headers, 'x-amz-target', 'S.Op') };
    expect(await codeOf(verify(raw))).toBe('SignatureIncomplete');
  });
});

const withHeader = (headers: Headers, name: string, value: string): Headers => {
  const changed = new Headers(headers);
  changed.set(name, value);
  return changed;
};

describe('a signature', () => {
  test('is good for a quarter of an hour to both sides', async () => {
    const at = (minutes: number) => signed({}, new Date(NOW.getTime() + minutes * MINUTE));
    for (const minutes of [-14, 14])
      expect(await codeOf(verify(await at(minutes)))).toBe('accepted');
    for (const minutes of [-16, 16])
      expect(await codeOf(verify(await at(minutes)))).toBe('SignatureExpired');
  });

  test('of another service, of another day, of an unknown key is refused', async () => {
    const request = { protocol: 'http:', hostname: 'waybill.example', ...plain() };
    const other = arrived(await signer('s3').sign(request, { signingDate: NOW }));
    expect(await codeOf(verify(other))).toBe('SignatureMismatch');
    const mine = await signed();
    const text = mine.headers.get('authorization') ?? '';
    const claim = (authorization: string) =>
      codeOf(
        verify({ ...mine, headers: withHeader(mine.headers, 'authorization', authorization) }),
      );
    expect(await claim(text.replace('/20260304/', '/20260303/'))).toBe('SignatureMismatch');
    expect(await claim(text.replace(KEY.accessKeyId, 'WBAKBBBBBBBBBBBBBBBB'))).toBe(
      'AccessKeyUnknown',
    );
    expect(await claim(text.replace(/Signature=..../, 'Signature=0000'))).toBe('SignatureMismatch');
    expect(await claim('Bearer wbp_x')).toBe('SignatureIncomplete');
    expect(await claim(text.replace(/SignedHeaders=[^,]+/, 'SignedHeaders=x-amz-date'))).toBe(
      'SignatureIncomplete',
    );
    const { authorization: _, ...without } = Object.fromEntries(mine.headers);
    expect(await codeOf(verify({ ...mine, headers: new Headers(without) }))).toBe(
      'SignatureMissing',
    );
  });

  test('claims that make no sense are refused, not thrown at', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 200 }), async (text) => {
        const mine = await signed();
        const headers = withHeader(
          mine.headers,
          'authorization',
          `AWS4-HMAC-SHA256 ${text.replace(/[^\x20-\x7e]/g, '')}`,
        );
        expect(['SignatureIncomplete']).toContain(await codeOf(verify({ ...mine, headers })));
      }),
      { numRuns: 100 },
    );
  });
});

test('the canonical query is sorted by name, then by value', () => {
  expect(canonicalQuery('b=2&a=%7E&b=1&c&a%20b=%2f&X-Amz-Signature=0')).toBe(
    'a=~&a%20b=%2F&b=1&b=2&c=',
  );
});

describe('signature version 2', () => {
  /** As the AWS SDKs of that time sign. */
  function fieldsOf(changes: Record<string, string> = {}): Map<string, string> {
    const fields = new Map(
      Object.entries({
        Action: 'ListJobs',
        AWSAccessKeyId: KEY.accessKeyId,
        SignatureVersion: '2',
        SignatureMethod: 'HmacSHA256',
        Timestamp: NOW.toISOString(),
        Version: '2010-06-01',
        ...changes,
      }),
    );
    const query = [...fields]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([n, v]) => `${encoded(n)}=${encoded(v)}`);
    const text = ['POST', 'waybill.example', '/api/aws', query.join('&')].join('\n');
    return fields.set(
      'Signature',
      createHmac('sha256', KEY.secretAccessKey).update(text).digest('base64'),
    );
  }
  const raw: RawRequest = {
    method: 'POST',
    path: '/api/aws',
    query: '',
    body: Buffer.alloc(0),
    headers: new Headers({ host: 'waybill.example' }),
  };
  const check = (fields: Map<string, string>, now = NOW) =>
    codeOf(
      verifyFields(raw, fields, {
        openKey: async () => ({ secret: KEY.secretAccessKey, actor: 'ada' }),
        now,
      }),
    );

  test('is accepted, and refused when something was changed or is old', async () => {
    expect(isSignedV2(fieldsOf())).toBe(true);
    expect(await check(fieldsOf())).toBe('accepted');
    expect(await check(fieldsOf().set('Action', 'CancelJob'))).toBe('SignatureMismatch');
    expect(await check(fieldsOf(), new Date(NOW.getTime() + 16 * MINUTE))).toBe('SignatureExpired');
    expect(await check(fieldsOf({ SignatureMethod: 'none' }))).toBe('SignatureIncomplete');
    expect(await check(fieldsOf({ Timestamp: 'soon' }))).toBe('SignatureIncomplete');
  });
});
