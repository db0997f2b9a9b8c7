// Runs one handler in a process of its own. It is given to that process as it is, by function-process.ts, so it
// imports nothing but Node and the handler beside it. Frames on descriptor 3: length (4 bytes, of what follows),
// kind (1 byte), content. See function-frames.ts.

import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const INVOKE = 1;
const CHUNK = 2;
const READ = 3;
const PUT = 4;
const PUT_DATA = 5;
const PUT_END = 6;
const DONE = 7;
const FAIL = 8;
const READY = 9;
const LOG = 10;
const PIECE = 1024 * 1024;
const TOGETHER = 64 * 1024;
const NOTHING = Buffer.alloc(0);

const { handler: handlerName, network } = JSON.parse(process.argv[2] ?? '{}');
const channel = new net.Socket({ fd: 3, readable: true, writable: true });
const exit = process.exit.bind(process);
/** When the handler waits for something, or has returned. */
const later = process.nextTick.bind(process);
if (!network) closeNetwork();

/** What the operating system does not refuse by itself, this does. */
function closeNetwork() {
  const refuse = () => {
    throw Object.assign(new Error('the network is not allowed to this function'), {
      code: 'ERR_ACCESS_DENIED',
    });
  };
  const close = (object, names) => {
    for (const name of names) {
      if (typeof object[name] !== 'function') continue;
      Object.defineProperty(object, name, { value: refuse, writable: false, configurable: false });
    }
  };
  close(net.Socket.prototype, ['connect']);
  close(net.Server.prototype, ['listen']);
  close(net, ['connect', 'createConnection', 'createServer']);
  close(dgram.Socket.prototype, ['bind', 'send', 'connect']);
  close(dgram, ['createSocket']);
  const lookups = Object.keys(dns).filter((name) => /^(lookup|resolve|reverse)/.test(name));
  close(dns, lookups);
  close(dns.promises, lookups);
  for (const { prototype } of [dns.Resolver, dns.promises.Resolver]) {
    close(prototype, [...lookups, 'resolve']);
  }
  close(process, ['kill', '_debugProcess', '_kill', 'dlopen', 'abort']);
  syncBuiltinESMExports();
}

/** Frames that are to be written together: what a short invocation says takes one call, and wakes the agent once. */
let waiting = [];
let waitingBytes = 0;

/** False when the channel is full; see `drained`. */
function send(kind, content = NOTHING) {
  const head = Buffer.allocUnsafe(5);
  head.writeUInt32BE(content.length + 1, 0);
  head.writeUInt8(kind, 4);
  if (waitingBytes === 0) later(flush);
  waiting.push(head, content);
  waitingBytes += 5 + content.length;
  return waitingBytes < TOGETHER || flush();
}

function flush() {
  if (waitingBytes === 0) return true;
  const bytes = Buffer.concat(waiting, waitingBytes);
  waiting = [];
  waitingBytes = 0;
  return channel.write(bytes);
}
const drained = () => new Promise((resolve) => channel.once('drain', resolve));

let waitingChunk;
let source;

/** The object's bytes: what came with the event, then what is asked for. */
async function* objectBytes(from) {
  if (from.read) throw new Error('the object has been read already');
  from.read = true;
  if (from.first.length > 0) yield from.first;
  let left = from.bytes - from.first.length;
  while (left > 0) {
    const asked = new Promise((resolve) => {
      waitingChunk = resolve;
    });
    send(READ);
    const chunk = await asked;
    if (chunk.length === 0) throw new Error('the object ended early');
    left -= chunk.length;
    yield chunk;
  }
}

async function whole(body) {
  const chunks = [];
  for await (const chunk of body) chunks.push(chunk);
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}

function s3Error(name, message) {
  return Object.assign(new Error(message), { name, Code: name, $fault: 'client' });
}

async function getObject({ Bucket, Key }) {
  const from = source;
  if (!from || Bucket !== from.bucket || Key !== from.key)
    throw s3Error('AccessDenied', `a function can read its own object only, not ${Bucket}/${Key}`);
  const text = async (encoding = 'utf-8') => (await whole(objectBytes(from))).toString(encoding);
  return {
    ContentLength: from.bytes,
    LastModified: new Date(from.lastModified),
    Body: {
      [Symbol.asyncIterator]: () => objectBytes(from),
      transformToString: text,
      transformToByteArray: async () => new Uint8Array(await whole(objectBytes(from))),
    },
  };
}

async function putObject({ Key, Body = '', ContentType, ContentEncoding }) {
  if (!source) throw s3Error('AccessDenied', 'a function writes while it is invoked');
  send(
    PUT,
    Buffer.from(
      JSON.stringify({ key: Key, contentType: ContentType, contentEncoding: ContentEncoding }),
    ),
  );
  const pieces =
    typeof Body === 'string' || Body instanceof Uint8Array ? [Buffer.from(Body)] : Body;
  for await (const piece of pieces) {
    const bytes = Buffer.from(piece);
    for (let at = 0; at < bytes.length; at += PIECE) {
      if (!send(PUT_DATA, bytes.subarray(at, at + PIECE))) await drained();
    }
  }
  send(PUT_END);
  return { ETag: undefined };
}

class GetObjectCommand {
  constructor(input) {
    this.input = input;
    this.run = getObject;
  }
}
class PutObjectCommand {
  constructor(input) {
    this.input = input;
    this.run = putObject;
  }
}
class S3Client {
  send(command) {
    return command.run(command.input);
  }
  getObject(input) {
    return getObject(input);
  }
  putObject(input) {
    return putObject(input);
  }
  destroy() {}
}
globalThis[Symbol.for('waybill.s3')] = { S3Client, GetObjectCommand, PutObjectCommand };

const inspect = (value) => (typeof value === 'string' ? value : (safeJson(value) ?? String(value)));
function safeJson(value) {
  if (value instanceof Error) return value.stack;
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
for (const name of ['log', 'info', 'warn', 'error', 'debug']) {
  console[name] = (...words) => {
    send(LOG, Buffer.from(`${words.map(inspect).join(' ').slice(0, 8192)}\n`));
    // What was said last must be known of a handler that never waits again.
    flush();
  };
}

async function load() {
  const module = await import('./handler.mjs');
  const found = module[handlerName] ?? module.default?.[handlerName];
  if (typeof found !== 'function') throw new Error(`the code exports no function ${handlerName}`);
  return found;
}

const failure = (error) =>
  Buffer.from(`${error instanceof Error ? (error.stack ?? error.message) : error}`.slice(0, 8192));

async function invoke(handler, head, first) {
  const { event, context, bytes, lastModified } = head;
  const { s3 } = event.Records[0];
  const key = decodeURIComponent(s3.object.key.replaceAll('+', ' '));
  source = { bucket: s3.bucket.name, key, bytes, lastModified, first, read: false };
  const endsAt = Date.now() + context.timeoutMs;
  const own = {
    ...context,
    callbackWaitsForEmptyEventLoop: false,
    logGroupName: '',
    logStreamName: '',
    getRemainingTimeInMillis: () => Math.max(0, endsAt - Date.now()),
    s3: new S3Client(),
    GetObjectCommand,
    PutObjectCommand,
  };
  try {
    await handler(event, own);
    send(DONE);
  } catch (error) {
    send(FAIL, failure(error));
  } finally {
    source = undefined;
  }
}

let received = Buffer.alloc(0);
let handler;
channel.on('data', (data) => {
  received = received.length === 0 ? data : Buffer.concat([received, data]);
  while (received.length >= 4) {
    const length = received.readUInt32BE(0);
    if (received.length < 4 + length) break;
    const kind = received.readUInt8(4);
    const content = received.subarray(5, 4 + length);
    received = received.subarray(4 + length);
    if (kind === CHUNK) waitingChunk?.(content);
    if (kind !== INVOKE) continue;
    const headLength = content.readUInt32BE(0);
    const head = JSON.parse(content.subarray(4, 4 + headLength).toString());
    void invoke(handler, head, content.subarray(4 + headLength));
  }
});
channel.on('end', () => exit(0));
function giveUp(error) {
  send(FAIL, failure(error));
  flush();
  channel.end(() => exit(1));
}
process.on('uncaughtException', giveUp);
try {
  handler = await load();
  send(READY);
} catch (error) {
  giveUp(error);
}
