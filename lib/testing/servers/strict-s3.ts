import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { crcText } from '../../stores/s3/client.ts';
import type { RemotePlace } from '../../stores/store-spec.ts';
import { listening } from '../listening.ts';
import { requestKey } from './request-key.ts';

/** A request that the server got. */
export interface SeenRequest {
  /** Method and URL without the bucket. */
  line: string;
  headers: IncomingHttpHeaders;
}

/** Metadata as headers. */
type Meta = Record<string, string>;

interface Upload {
  key: string;
  meta: Meta;
  parts: Map<number, Buffer>;
}

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

const error = (status: number, code: string): Answer => ({
  status,
  body: `<Error><Code>${code}</Code><Message>${code}</Message></Error>`,
});

/**
 * One bucket of S3 on loopback that is as strict with bytes as AWS is: it refuses what has not the full-object CRC-32
 * it comes with, in one request or in parts, and knows conditional puts. Signatures are not checked. A `blind` one compares
 * nothing and has no conditions. It listens until the test ends, or where `listen` says.
 */
export async function strictS3({
  blind = false,
  listen = listening,
}: {
  blind?: boolean;
  listen?: typeof listening;
} = {}): Promise<{
  place: RemotePlace;
  objects: Map<string, Buffer>;
  seen: SeenRequest[];
}> {
  const metas = new Map<string, Meta>();
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Upload>();
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const sent = await buffer(request);
    const url = new URL(request.url ?? '', 'http://localhost');
    const key = requestKey(request.url);
    seen.push({ line: `${request.method} ${key}${url.search}`, headers: request.headers });
    const asked = { request, key, query: url.searchParams, body: sent, blind, metas };
    const { status = 200, headers = {}, body = '' } = answerOf(objects, uploads, asked);
    response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(body);
  });
  const endpoint = await listen(server);
  const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };
  return { place: { endpoint, region: 'us-east-1', pathStyle: true, credentials }, objects, seen };
}

interface Asked {
  request: IncomingMessage;
  key: string;
  query: URLSearchParams;
  body: Buffer;
  blind: boolean;
  metas: Map<string, Meta>;
}

const metaOf = ({ headers }: IncomingMessage): Meta =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith('x-amz-meta-') ? [[name, String(value)]] : [],
    ),
  );

const tagOf = (body: Buffer): string => `"${createHash('md5').update(body).digest('hex')}"`;

/** Keeps bytes as an object, if they are what the headers say. */
function keep(
  objects: Map<string, Buffer>,
  { request, key, blind, metas }: Asked,
  body: Buffer,
  meta: Meta,
): Answer {
  const said = request.headers['x-amz-checksum-crc32'];
  if (!blind && said !== undefined && said !== crcText(crc32(body))) return error(400, 'BadDigest');
  if (!blind && request.headers['if-none-match'] === '*' && objects.has(key))
    return error(412, 'PreconditionFailed');
  objects.set(key, body);
  metas.set(key, meta);
  return { headers: { etag: tagOf(body) } };
}

/** ListObjectsV2, all on one page. */
function listing(objects: Map<string, Buffer>, query: URLSearchParams): Answer {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('start-after') ?? '';
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const rows = keys.map((key) => {
    const body = objects.get(key) ?? Buffer.alloc(0);
    return `<Contents><Key>${encodeURIComponent(key)}</Key><Size>${body.length}</Size><ETag>${tagOf(body)}</ETag></Contents>`;
  });
  const head = '<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>';
  return { body: `<ListBucketResult>${head}${rows.join('')}</ListBucketResult>` };
}

function answerOf(
  objects: Map<string, Buffer>,
  uploads: Map<string, Upload>,
  asked: Asked,
): Answer {
  const { request, key, query, body } = asked;
  const { method } = request;
  const upload = uploads.get(query.get('uploadId') ?? '');
  if (query.has('uploadId') && !upload) return error(404, 'NoSuchUpload');
  if (method === 'GET' && key === '') return listing(objects, query);
  if (method === 'POST' && query.has('uploads')) {
    const id = `upload-${uploads.size + 1}`;
    uploads.set(id, { key, parts: new Map(), meta: metaOf(request) });
    const xml = `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`;
    return { body: xml };
  }
  if (upload && method === 'PUT') {
    upload.parts.set(Number(query.get('partNumber')), body);
    return { headers: { etag: tagOf(body) } };
  }
  if (upload && method === 'GET') {
    const parts = [...upload.parts].map(
      ([number, part]) =>
        `<Part><PartNumber>${number}</PartNumber><ETag>${tagOf(part)}</ETag><Size>${part.length}</Size></Part>`,
    );
    return { body: `<ListPartsResult>${parts.join('')}</ListPartsResult>` };
  }
  if (upload && method === 'POST') {
    const numbers = [...upload.parts.keys()].sort((a, b) => a - b);
    const whole = Buffer.concat(numbers.map((number) => upload.parts.get(number) ?? body));
    const kept = keep(objects, asked, whole, upload.meta);
    if (kept.status === undefined) uploads.delete(query.get('uploadId') ?? '');
    const xml = `<CompleteMultipartUploadResult><ETag>${tagOf(whole)}</ETag></CompleteMultipartUploadResult>`;
    return kept.status === undefined ? { body: xml } : kept;
  }
  if (upload) {
    uploads.delete(query.get('uploadId') ?? '');
    return { status: 204 };
  }
  if (method === 'PUT') return keep(objects, asked, body, metaOf(request));
  const object = objects.get(key);
  if (method === 'DELETE') {
    objects.delete(key);
    return { status: 204 };
  }
  if (!object) return error(404, 'NoSuchKey');
  const headers = { ...asked.metas.get(key), etag: tagOf(object) };
  const range = /^bytes=(\d+)-/.exec(request.headers.range ?? '');
  if (method === 'HEAD') return { headers: { ...headers, 'content-length': `${object.length}` } };
  return range
    ? { status: 206, headers, body: object.subarray(Number(range[1])) }
    : { headers, body: object };
}
