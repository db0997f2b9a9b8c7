import { createHash, type Hash, hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { invariant } from '../../domain/invariant.ts';
import { crc32Join } from '../../volume/crc32.ts';
import type { FrameBuffers } from '../../volume/frame-buffers.ts';
import type { Checksums } from '../../volume/volume.ts';

/** Takes the checksums of one object's bytes, in order. */
export interface ObjectDigest {
  /** Where the chunks must lie; undefined when anywhere will do. */
  readonly frames: FrameBuffers | undefined;
  update(chunk: Buffer): void;
  /** CRC-32 of the bytes since the last call. */
  endPart(): number;
  /** Of all bytes. Called once. */
  finish(): Checksums;
}

/** Joins the checksums of an object's parts to the object's. */
export class PartSums {
  #crc = 0;

  add(partCrc: number, partBytes: number): void {
    this.#crc = crc32Join(this.#crc, partCrc, partBytes);
  }

  get crc32(): number {
    return this.#crc;
  }
}

/** A digest in the calling thread, of an object of `bytes` bytes. */
export class InlineDigest implements ObjectDigest {
  readonly frames = undefined;
  readonly #bytes: number;
  #sha256: Hash | undefined;
  /** Of an object that came in one chunk. */
  #whole: Buffer | undefined;
  readonly #parts = new PartSums();
  #partCrc = 0;
  #partBytes = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  update(chunk: Buffer): void {
    invariant(!this.#whole, 'nothing comes after the whole object');
    if (!this.#sha256 && chunk.length === this.#bytes)
      // For a small object this takes a fifth of the time that making a Hash does.
      this.#whole = Buffer.from(hash('sha256', chunk, 'binary'), 'binary');
    else {
      this.#sha256 ??= createHash('sha256');
      this.#sha256.update(chunk);
    }
    this.#partCrc = crc32(chunk, this.#partCrc);
    this.#partBytes += chunk.length;
  }

  endPart(): number {
    const crc = this.#partCrc;
    this.#parts.add(crc, this.#partBytes);
    this.#partCrc = 0;
    this.#partBytes = 0;
    return crc;
  }

  finish(): Checksums {
    this.endPart();
    const sha256 = this.#whole ?? (this.#sha256 ?? createHash('sha256')).digest();
    return { sha256, crc32: this.#parts.crc32 };
  }
}
