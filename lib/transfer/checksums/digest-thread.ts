import { createHash, type Hash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { isMainThread, type Worker } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { invariant } from '../../domain/invariant.ts';
import type { FrameBuffers } from '../../volume/frame-buffers.ts';
import { FRAME_BYTES } from '../../volume/layout.ts';
import type { Checksums } from '../../volume/volume.ts';
import type { Control } from '../threads/control.ts';
import { newWorker } from '../threads/start-worker.ts';
import { InlineDigest, type ObjectDigest, PartSums } from './digest.ts';

/**
 * Checksums of large objects, taken by a thread beside the one that reads, encrypts and writes them, so that
 * one huge file keeps two cores busy. Both share the frames; orders go through a ring in shared memory, and
 * who has to wait waits in the kernel.
 */

const FRAMES = 4;
/** Frames for bytes that are read for their checksums only. */
const SCRATCH_FRAMES = 2;
const ORDERS = 64;
/** Words of an order: what, where in the frames, how many bytes. */
const ORDER_WORDS = 3;
const DO = { begin: 1, update: 2, part: 3, finish: 4 } as const;
/** Words before the orders: how many were given, how many are done, whether the thread failed, a CRC, a SHA-256. */
const GIVEN = 0;
const DONE = 1;
const FAILED = 2;
const CRC = 3;
const SHA256 = 4;
const HEAD_WORDS = SHA256 + 8;
/** Smaller objects are done before another thread has looked at them. */
const OBJECT_BYTES_MIN = 8 * 1024 * 1024;

/** What the thread is started with. */
export interface DigestShared {
  frames: SharedArrayBuffer;
  words: SharedArrayBuffer;
}

/** Gives frames and digests to one thread of a transfer. */
export class Digester {
  /** For the bytes that are moved: whoever asks for the next one is done with the one before. */
  readonly frames: FrameBuffers;
  /** For bytes that are read for their checksums only, while a frame of `frames` is half full. */
  readonly scratch: FrameBuffers;
  readonly #shared: DigestShared;
  readonly #words: Int32Array;
  /** For each frame the number of orders given when it was last used. */
  readonly #usedUntil = new Array<number>(FRAMES + SCRATCH_FRAMES).fill(0);
  readonly #control: Control;
  #given = 0;
  #thread: Worker | undefined;
  #countsAsLarge = false;

  constructor(control: Control) {
    this.#control = control;
    const frames = new SharedArrayBuffer((FRAMES + SCRATCH_FRAMES) * FRAME_BYTES);
    const words = new SharedArrayBuffer((HEAD_WORDS + ORDERS * ORDER_WORDS) * 4);
    this.#shared = { frames, words };
    this.#words = new Int32Array(words);
    this.frames = this.#ring(0, FRAMES);
    this.scratch = this.#ring(FRAMES, SCRATCH_FRAMES);
  }

  /** A digest for an object of so many bytes; its chunks must lie in the frames. One at a time. */
  begin(bytes: number): ObjectDigest {
    const large = bytes >= OBJECT_BYTES_MIN;
    if (large !== this.#countsAsLarge) this.#control.add('large', large ? 1 : -1);
    this.#countsAsLarge = large;
    // The main thread must not wait. Where large objects are as many as half the cores, all cores have work.
    const cores = this.#control.get('large') * 2;
    if (!large || isMainThread || cores > availableParallelism()) return new InlineDigest(bytes);
    this.#thread ??= newWorker(
      { waybillTask: 'digest', shared: this.#shared },
      { everything: false, objects: false },
    );
    this.#give(DO.begin, 0, 0);
    return this.#digest();
  }

  #ring(first: number, count: number): FrameBuffers {
    const buffers = Array.from({ length: count }, (_, i) =>
      Buffer.from(this.#shared.frames, (first + i) * FRAME_BYTES, FRAME_BYTES),
    );
    let current = 0;
    const next = () => {
      // Without a thread that may still read it, the frame that is in the processor's cache is the best.
      if (this.#thread) current = (current + 1) % count;
      this.#waitFor(this.#usedUntil[first + current] ?? 0);
      const frame = buffers[current];
      invariant(frame, 'there are frames');
      return frame;
    };
    return { next };
  }

  async close(): Promise<void> {
    await this.#thread?.terminate();
  }

  #digest(): ObjectDigest {
    const parts = new PartSums();
    let partBytes = 0;
    const endPart = () => {
      this.#give(DO.part, 0, 0);
      this.#waitFor(this.#given);
      const crc = (this.#words[CRC] ?? 0) >>> 0;
      parts.add(crc, partBytes);
      partBytes = 0;
      return crc;
    };
    return {
      frames: this.frames,
      update: (chunk) => {
        invariant(chunk.buffer === this.#shared.frames, 'the chunk lies in a frame');
        this.#give(DO.update, chunk.byteOffset, chunk.length);
        this.#usedUntil[Math.floor(chunk.byteOffset / FRAME_BYTES)] = this.#given;
        partBytes += chunk.length;
      },
      endPart,
      finish: (): Checksums => {
        endPart();
        this.#give(DO.finish, 0, 0);
        this.#waitFor(this.#given);
        const sha256 = Buffer.from(Buffer.from(this.#shared.words, SHA256 * 4, 32));
        return { sha256, crc32: parts.crc32 };
      },
    };
  }

  #give(what: number, offset: number, length: number): void {
    this.#waitFor(this.#given - ORDERS + 1);
    const at = HEAD_WORDS + (this.#given % ORDERS) * ORDER_WORDS;
    this.#words.set([what, offset, length], at);
    this.#given += 1;
    Atomics.store(this.#words, GIVEN, this.#given | 0);
    Atomics.notify(this.#words, GIVEN);
  }

  /** Waits until so many orders are done. */
  #waitFor(orders: number): void {
    for (;;) {
      const done = Atomics.load(this.#words, DONE);
      invariant(Atomics.load(this.#words, FAILED) === 0, 'the thread for checksums works');
      // Counts wrap at 2^32, what is between them never comes near it.
      if (((orders - done) | 0) <= 0) return;
      Atomics.wait(this.#words, DONE, done);
    }
  }
}

/** The thread's side: carries out orders until it is terminated. */
export function serveDigests({ frames, words: shared }: DigestShared): void {
  const words = new Int32Array(shared);
  const all = Buffer.from(frames);
  let sha256: Hash = createHash('sha256');
  let crc = 0;
  const orders: Record<number, (offset: number, length: number) => void> = {
    [DO.begin]: () => {
      sha256 = createHash('sha256');
      crc = 0;
    },
    [DO.update]: (offset, length) => {
      const chunk = all.subarray(offset, offset + length);
      sha256.update(chunk);
      crc = crc32(chunk, crc);
    },
    [DO.part]: () => {
      words[CRC] = crc | 0;
      crc = 0;
    },
    [DO.finish]: () => {
      sha256.digest().copy(Buffer.from(shared, SHA256 * 4, 32));
    },
  };
  try {
    for (let done = 0; ; done += 1) {
      while (Atomics.load(words, GIVEN) === (done | 0)) Atomics.wait(words, GIVEN, done | 0);
      const at = HEAD_WORDS + (done % ORDERS) * ORDER_WORDS;
      const [what = 0, offset = 0, length = 0] = words.subarray(at, at + ORDER_WORDS);
      orders[what]?.(offset, length);
      Atomics.store(words, DONE, (done + 1) | 0);
      Atomics.notify(words, DONE);
    }
  } catch (error) {
    Atomics.store(words, FAILED, 1);
    Atomics.notify(words, DONE);
    throw error;
  }
}
