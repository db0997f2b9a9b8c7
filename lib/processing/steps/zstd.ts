import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import type { CompiledStep } from '../compiled-plan.ts';
import type { RunningStep } from '../object-stream.ts';
import { atMost, throughStream } from './streams.ts';

/** Node has Zstandard from 22.15 on. */
interface NodeZstd {
  createZstdCompress(options: { params: Record<number, number> }): Transform;
  createZstdDecompress(): Transform;
  constants: { ZSTD_c_compressionLevel: number };
}
const native = 'createZstdCompress' in zlib ? (zlib as typeof zlib & NodeZstd) : undefined;

/** What WebAssembly is given at a time: each call has a cost of its own. */
const CHUNK = 1024 * 1024;

export function zstdStep(step: CompiledStep): RunningStep {
  const level = Number(step.plan.level);
  return {
    async *run(input) {
      const body = native
        ? throughStream(
            input.body,
            native.createZstdCompress({
              params: { [native.constants.ZSTD_c_compressionLevel]: level },
            }),
          )
        : compressed(input.body, level);
      yield { ...input, key: step.nameOf(input.key), bytes: undefined, body };
    },
  };
}

/** One stream at a time: the library keeps its state in one place. A plan compresses an object once. */
async function* compressed(
  body: AsyncIterable<Uint8Array>,
  level: number,
): AsyncGenerator<Uint8Array> {
  const { Zstd } = await import('@hpcc-js/wasm-zstd');
  const zstd = await Zstd.load();
  zstd.reset();
  zstd.setCompressionLevel(level);
  for await (const chunk of blocks(body)) {
    const packed = zstd.compressChunk(chunk);
    if (packed.length > 0) yield Buffer.from(packed);
  }
  yield Buffer.from(zstd.compressEnd());
}

async function* blocks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const block = Buffer.allocUnsafe(CHUNK);
  let at = 0;
  for await (const chunk of body) {
    for (let from = 0; from < chunk.length; ) {
      const piece = chunk.subarray(from, from + CHUNK - at);
      block.set(piece, at);
      at += piece.length;
      from += piece.length;
      if (at === CHUNK) {
        yield block;
        at = 0;
      }
    }
  }
  if (at > 0) yield block.subarray(0, at);
}

export function unzstdStep(step: CompiledStep): RunningStep {
  return {
    async *run(input) {
      const unpacked = native
        ? throughStream(input.body, native.createZstdDecompress())
        : decompressed(input.body);
      const body = atMost(unpacked, Number(step.plan.maxOutputBytes));
      const key = step.nameOf(input.key);
      yield { ...input, key, bytes: undefined, contentEncoding: undefined, body };
    },
  };
}

async function* decompressed(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import('fzstd');
  let ready: Uint8Array[] = [];
  const stream = new Decompress((chunk) => {
    ready.push(Buffer.from(chunk));
  });
  for await (const chunk of body) {
    stream.push(Buffer.from(chunk));
    yield* ready;
    ready = [];
  }
  stream.push(new Uint8Array(0), true);
  yield* ready;
}
