import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { formatBytes } from '../../domain/sizes.ts';

/** Leads a body through a stream of Node's. */
export async function* throughStream(
  body: AsyncIterable<Uint8Array>,
  stream: Transform,
): AsyncGenerator<Uint8Array> {
  const done = pipeline(Readable.from(body, { objectMode: false }), stream);
  // The loop below meets the same error first, or the stream was left early on purpose.
  done.catch(() => undefined);
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } finally {
    stream.destroy();
  }
  await done;
}

/** A body that may not be larger; a small object can unpack to a disk full. */
export async function* atMost(
  body: AsyncIterable<Uint8Array>,
  max: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > max) throw new RangeError(`it unpacks to more than ${formatBytes(max)}`);
    yield chunk;
  }
}

/** All of a body. Throws when it is larger than `max`. */
export async function gather(body: AsyncIterable<Uint8Array>, max: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of atMost(body, max)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Lines of UTF-8 text with their line ends; what is not UTF-8 survives as it is. Throws at a line over `max` characters. */
export async function* linesOf(
  body: AsyncIterable<Uint8Array>,
  max: number,
): AsyncGenerator<string> {
  // The pieces of a line that has no end yet: joined once, because lines may be long.
  let rest: string[] = [];
  let length = 0;
  for await (const chunk of body) {
    const pieces = Buffer.from(chunk)
      .toString('latin1')
      .split(/(?<=\n)/);
    const [first = ''] = pieces;
    if (first.endsWith('\n')) {
      pieces[0] = rest.join('') + first;
      rest = [];
      length = 0;
    }
    const last = pieces.at(-1)?.endsWith('\n') ? '' : (pieces.pop() ?? '');
    yield* pieces;
    rest.push(last);
    length += last.length;
    if (length > max) throw new RangeError(`it has a line of over ${formatBytes(max)}`);
  }
  if (length > 0) yield rest.join('');
}

const SMALL = 64 * 1024;

/** Joins small pieces, so that what follows is not called for each. */
export async function* joined(pieces: AsyncIterable<string | Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece;
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes < SMALL) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}
