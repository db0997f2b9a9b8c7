import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { crc32Join } from '../volume/crc32.ts';
import type { FrameBuffers } from '../volume/sealed-file.ts';
import type { Checksums } from '../volume/volume.ts';

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

/** A digest in the calling thread. */
export class InlineDigest implements ObjectDigest {
  readonly frames = undefined;
  readonly #sha256: Hash = createHash('sha256');
  readonly #parts = new PartSums();
  #partCrc = 0;
  #partBytes = 0;

  update(chunk: Buffer): void {
    this.#sha256.update(chunk);
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
    return { sha256: this.#sha256.digest(), crc32: this.#parts.crc32 };
  }
}
