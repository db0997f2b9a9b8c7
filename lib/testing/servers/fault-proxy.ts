import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from '../trees.ts';

/** What is done to a request or its answer. */
export type Fault =
  /** Answered by the proxy with an error of S3; the store hears nothing of it. */
  | { do: 'refuse'; status: number; code: string; message?: string }
  /** Answered with a page, as portals and gateways do. */
  | { do: 'html'; status: number }
  /** The connection ends before the store hears of it. */
  | { do: 'reset-before' }
  /** The connection ends in the middle of the request's body. */
  | { do: 'reset-in-request' }
  /** The store acts; its answer never comes. */
  | { do: 'lose-answer' }
  /** The store acts; the connection ends in the middle of its answer. */
  | { do: 'reset-in-answer' }
  /** The answer ends early, as if that were all. */
  | { do: 'truncate-answer' }
  /** A whole listing, of nothing. */
  | { do: 'empty-listing' }
  /** One bit of the answer's body is another. */
  | { do: 'flip-answer' }
  /** One bit of the request's body is another when it comes to the store. */
  | { do: 'flip-request' }
  /** 200 with an error inside, as CompleteMultipartUpload, CopyObject and DeleteObjects may answer. With `acts` the store has acted. */
  | { do: 'error-inside'; code: string; acts?: boolean }
  /** It takes its time. */
  | { do: 'delay'; ms: number }
  /** The request is taken, and no answer ever comes. */
  | { do: 'silence' }
  /** Not even the body of the request is taken. */
  | { do: 'deaf' }
  /** Nothing more comes from the middle of the answer's body on. */
  | { do: 'silence-in-answer' };

/** When a fault happens: every condition that is given has to hold. */
export interface FaultRule {
  fault: Fault;
  /** Only of requests with a body of at least so many bytes. */
  bodyBytes?: number;
  method?: string | RegExp;
  /** Tried on the path with its query, decoded: `/bucket/key?uploadId=…`. */
  path?: RegExp;
  /** Of the requests that match, the first and the last that it happens to; counts from 1. */
  nth?: number | undefined;
  mth?: number | undefined;
  /** From 0 to 1, by the seed of the proxy. */
  probability?: number | undefined;
}

/** What went through. */
export interface ProxiedRequest {
  method: string;
  path: string;
  fault: Fault['do'] | undefined;
}

export interface FaultProxy {
  endpoint: string;
  /** What happens from now on; may be changed at any time. */
  rules: FaultRule[];
  seen: ProxiedRequest[];
  close(): Promise<void>;
}

/**
 * An HTTP proxy in front of an S3 server that does what networks, gateways and stores do. The Host header goes on as the
 * client has signed it, so that signatures stay valid (AWS Signature Version 4).
 */
export async function faultProxy(
  upstream: string,
  options: { seed?: number; rules?: FaultRule[] } = {},
): Promise<FaultProxy> {
  const random = seeded(options.seed ?? 1);
  const counts = new Map<FaultRule, number>();
  const proxy = { rules: options.rules ?? [], seen: [] as ProxiedRequest[] };
  const pick = (request: ProxiedRequest & { bodyBytes: number }): Fault | undefined => {
    let chosen: Fault | undefined;
    for (const rule of proxy.rules) {
      if (!matches(rule, request)) continue;
      const n = (counts.get(rule) ?? 0) + 1;
      counts.set(rule, n);
      const isInRange = n >= (rule.nth ?? 1) && n <= (rule.mth ?? Number.POSITIVE_INFINITY);
      if (!isInRange || (rule.probability !== undefined && random() >= rule.probability)) continue;
      chosen ??= rule.fault;
    }
    return chosen;
  };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/');
    const method = request.method ?? 'GET';
    const bodyBytes = Number(request.headers['content-length'] ?? 0);
    const fault = pick({ method, path, bodyBytes, fault: undefined });
    proxy.seen.push({ method, path, fault: fault?.do });
    void serve(new URL(upstream), request, response, fault, random).catch(() => {
      response.destroy();
      request.destroy();
    });
  });
  const endpoint = await listen(server);
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(proxy, { endpoint, close });
}

function matches(
  { method, path, bodyBytes = 0 }: FaultRule,
  got: ProxiedRequest & { bodyBytes: number },
): boolean {
  if (typeof method === 'string' && method !== got.method) return false;
  if (method instanceof RegExp && !method.test(got.method)) return false;
  return got.bodyBytes >= bodyBytes && (path?.test(got.path) ?? true);
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return `http://127.0.0.1:${address.port}`;
}

const xmlError = (code: string, message: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>1</RequestId></Error>`;

const EMPTY_LISTING =
  '<ListBucketResult><Name>bucket</Name><Prefix></Prefix><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated></ListBucketResult>';
const PAGE =
  '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><p>Please accept the terms of this network.<br></body></html>';

async function serve(
  upstream: URL,
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
  random: () => number,
): Promise<void> {
  // What ends on one side ends on the other; nobody is left to be told.
  response.on('error', () => undefined);
  if (fault?.do === 'delay') await sleep(fault.ms);
  if (fault?.do === 'reset-before') return void request.socket.destroy();
  if (fault?.do === 'reset-in-request') return resetWithin(request);
  if (fault?.do === 'deaf') return;
  const body = await bodyOf(request);
  if (fault?.do === 'silence') return;
  if (fault?.do === 'refuse') {
    const text = xmlError(fault.code, fault.message ?? `the proxy says ${fault.code}`);
    return answer(request, response, fault.status, text, 'application/xml');
  }
  if (fault?.do === 'empty-listing')
    return answer(request, response, 200, EMPTY_LISTING, 'application/xml');
  if (fault?.do === 'html') return answer(request, response, fault.status, PAGE, 'text/html');
  if (fault?.do === 'error-inside' && !fault.acts)
    return answer(request, response, 200, xmlError(fault.code, fault.code), 'application/xml');
  const sent = fault?.do === 'flip-request' ? flipped(body, random) : body;
  const got = await forward(upstream, request, sent);
  if (fault?.do === 'lose-answer') return void request.socket.destroy();
  if (fault?.do === 'error-inside')
    return answer(request, response, 200, xmlError(fault.code, fault.code), 'application/xml');
  passOn(request, response, got, fault, random);
}

/** Takes some of a request's body and ends the connection. */
function resetWithin(request: IncomingMessage): void {
  const end = () => request.socket.destroy();
  request.once('data', end);
  request.once('end', end);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function flipped(body: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(body);
  const at = Math.floor(random() * copy.length);
  if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  return copy;
}

interface Got {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

/** Headers that are of one connection (RFC 9110, 7.6.1). */
const HOP = ['connection', 'keep-alive', 'transfer-encoding', 'expect', 'te', 'upgrade'];

const withoutHops = (headers: OutgoingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP.includes(name)));

function forward(upstream: URL, request: IncomingMessage, body: Buffer): Promise<Got> {
  const headers: OutgoingHttpHeaders = withoutHops(request.headers);
  if (body.length > 0 || request.headers['content-length'] !== undefined)
    headers['content-length'] = body.length;
  return new Promise((resolve, reject) => {
    const { hostname, port } = upstream;
    const out = httpRequest(
      { hostname, port, method: request.method, path: request.url, headers },
      (incoming) => {
        const { statusCode: status = 502, headers: given } = incoming;
        const pass = (got: Buffer) => resolve({ status, headers: withoutHops(given), body: got });
        // Swift sends the text of an error after its answer to HEAD, which is none of it.
        if (request.method === 'HEAD') pass(Buffer.alloc(0));
        else bodyOf(incoming).then(pass, reject);
      },
    );
    out.on('error', reject);
    out.end(body);
  });
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
  type: string,
): void {
  const headers = { 'content-type': type, 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : text);
}

function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Got,
  fault: Fault | undefined,
  random: () => number,
): void {
  const half = Math.floor(body.length / 2);
  if (fault?.do === 'truncate-answer' && request.method !== 'HEAD') {
    response.writeHead(status, { ...headers, 'content-length': half });
    return void response.end(body.subarray(0, half));
  }
  if (request.method !== 'HEAD') headers['content-length'] = body.length;
  response.writeHead(status, headers);
  if (fault?.do === 'silence-in-answer') return void response.write(body.subarray(0, half));
  if (fault?.do === 'reset-in-answer') {
    if (body.length === 0) return void request.socket.destroy();
    response.write(body.subarray(0, half), () => request.socket.destroy());
    return;
  }
  response.end(fault?.do === 'flip-answer' ? flipped(body, random) : body);
}
