import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { RemotePlace } from '../../stores/store-spec.ts';
import { listening } from '../listening.ts';
import { requestKey } from './request-key.ts';

/** An object that somebody has put, with what the server says of it. */
export interface ReadableObject {
  body: Buffer;
  /** Besides the ETag, which is the MD5 when it is not given: x-amz-checksum-…, x-amz-meta-…. */
  headers?: Record<string, string>;
  etag?: string;
  /** Sizes of its parts; HEAD with a part number tells them. */
  parts?: number[];
  /** How many of the next GETs give a wrong bit. */
  flips?: number;
  /** Answers to GET lack so many bytes at their end, and say nothing of their length unless they lie about it. */
  short?: { bytes: number; lies?: boolean };
}

const md5 = (body: Buffer): Buffer => createHash('md5').update(body).digest();

/** The pieces of a body, cut at part sizes. */
export function cut(body: Buffer, parts: readonly number[]): Buffer[] {
  let at = 0;
  return parts.map((size) => {
    at += size;
    return body.subarray(at - size, at);
  });
}

/** The ETag of an object that was put in parts. */
export const etagOfParts = (pieces: Buffer[]): string =>
  `"${md5(Buffer.concat(pieces.map(md5))).toString('hex')}-${pieces.length}"`;

/** How the server lists. */
export interface Listings {
  /** Keys on a page; all on one when missing. */
  pageKeys?: number;
  /** Gives another page than the right one. */
  lie?(page: string, query: URLSearchParams): string;
}

/**
 * One bucket of S3 on loopback, for reading only: it lists and gives what the map holds, and lies where it is told to.
 */
export async function readableS3(
  objects: Map<string, ReadableObject>,
  listings: Listings = {},
): Promise<{ place: RemotePlace; gets: string[] }> {
  const gets: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const key = requestKey(request.url);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      request.resume();
      return response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
    }
    if (key === '') return response.end(listing(objects, url.searchParams, listings));
    const object = objects.get(key);
    if (!object) return response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    if (request.method === 'GET') gets.push(key);
    return give(object, request, response, url.searchParams.get('partNumber'));
  });
  const endpoint = await listening(server);
  const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };
  return { place: { endpoint, region: 'us-east-1', pathStyle: true, credentials }, gets };
}

const CHANGED = new Date('2026-01-02T03:04:05Z');

function listing(
  objects: Map<string, ReadableObject>,
  query: URLSearchParams,
  { pageKeys = 1000, lie = (page) => page }: Listings,
): string {
  const prefix = query.get('prefix') ?? '';
  const keys = [...objects.keys()].sort().filter((key) => key.startsWith(prefix));
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  const left = keys.filter((key) => key > after);
  const page = left.slice(0, pageKeys);
  const lines = page.map(
    (key) =>
      `<Contents><Key>${encodeURIComponent(key)}</Key><Size>${objects.get(key)?.body.length}</Size><LastModified>${CHANGED.toISOString()}</LastModified></Contents>`,
  );
  const isTruncated = left.length > page.length;
  const token = isTruncated ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
  const head = `<EncodingType>url</EncodingType><IsTruncated>${isTruncated}</IsTruncated>${token}`;
  return lie(`<ListBucketResult>${head}${lines.join('')}</ListBucketResult>`, query);
}

function give(
  object: ReadableObject,
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  partNumber: string | null,
): void {
  const { body, parts } = object;
  const asked = headers['x-amz-checksum-mode'] === 'ENABLED';
  const told = Object.entries(object.headers ?? {}).filter(
    ([name]) => asked || !name.startsWith('x-amz-checksum-'),
  );
  const common = {
    ...Object.fromEntries(told),
    etag: object.etag ?? `"${md5(body).toString('hex')}"`,
    'last-modified': CHANGED.toUTCString(),
  };
  if (partNumber && parts) {
    const length = parts[Number(partNumber) - 1];
    const part = { 'content-length': length, 'x-amz-mp-parts-count': parts.length };
    return void response.writeHead(206, { ...common, ...part }).end();
  }
  const sent = { ...common, 'content-length': body.length };
  if (method === 'HEAD') return void response.writeHead(200, sent).end();
  const bytes = Buffer.from(body);
  if ((object.flips ?? 0) > 0) {
    object.flips = (object.flips ?? 0) - 1;
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 4;
  }
  const { short } = object;
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  if (short) {
    const given = bytes.subarray(from, body.length - short.bytes);
    const length = short.lies ? { 'content-length': given.length } : {};
    const range = { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` };
    return void response
      .writeHead(from === 0 ? 200 : 206, { ...common, ...length, ...(from > 0 && range) })
      .end(given);
  }
  if (from === 0) return void response.writeHead(200, sent).end(bytes);
  const range = `bytes ${from}-${body.length - 1}/${body.length}`;
  const rest = { ...common, 'content-length': body.length - from, 'content-range': range };
  response.writeHead(206, rest).end(bytes.subarray(from));
}
