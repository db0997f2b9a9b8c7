import { createHash } from 'node:crypto';

/** Block of the EBS direct API, bytes. */
export const BLOCK_BYTES = 512 * 1024;

const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** A block that is not all zero. */
export interface ImageBlock {
  index: number;
  /** All of it; valid until `take` returns, unless it is promised to be left alone. */
  bytes: Uint8Array;
  sha256: Buffer;
}

/** What a raw image consists of. */
export interface ImageSummary {
  bytes: number;
  /** Blocks that are not all zero. */
  blocks: number;
  /** SHA-256 over the SHA-256 digests of those blocks in order: CompleteSnapshot's LINEAR aggregation. */
  checksum: Buffer;
}

/** Cuts a raw image into blocks as it comes; those of zeros are left out. The last counts as if zeros filled it. */
export class ImageBlocks {
  readonly #linear = createHash('sha256');
  #block = Buffer.alloc(BLOCK_BYTES);
  #filled = 0;
  #index = 0;
  #blocks = 0;

  /** The blocks that a chunk completes. */
  *add(chunk: Uint8Array): Generator<ImageBlock> {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + BLOCK_BYTES - this.#filled);
      at += part.length;
      if (part.length === BLOCK_BYTES) {
        yield* this.#next(part);
        continue;
      }
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      if (this.#filled < BLOCK_BYTES) return;
      this.#filled = 0;
      yield* this.#next(this.#block);
    }
  }

  /** The last block, if it is not full. */
  *end(): Generator<ImageBlock> {
    if (this.#filled > 0) yield* this.#next(this.#block.fill(0, this.#filled));
  }

  /** After `end`. */
  summary(): ImageSummary {
    const whole = this.#filled > 0 ? this.#index - 1 : this.#index;
    const bytes = whole * BLOCK_BYTES + this.#filled;
    return { bytes, blocks: this.#blocks, checksum: this.#linear.copy().digest() };
  }

  *#next(bytes: Uint8Array): Generator<ImageBlock> {
    const index = this.#index;
    this.#index += 1;
    if (ZEROS.equals(bytes)) return;
    const sha256 = createHash('sha256').update(bytes).digest();
    this.#linear.update(sha256);
    this.#blocks += 1;
    yield { index, bytes, sha256 };
  }
}
