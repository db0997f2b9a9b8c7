import type { RunningChecksum } from './reflected-crc.ts';

/**
 * Where the parts of an object end that was put in parts: S3 then knows only the checksum over the checksums of
 * the parts. One size for all but the last, or the size of each.
 */
export type PartLayout = number | readonly number[];

const MIB = 1024 * 1024;
const MB = 1_000_000;
/** Every size that is tried costs a checksum of the whole object. */
const GUESSES_MAX = 8;
/** Part sizes that clients choose by themselves: aws 8 MiB, mc 16, s3cmd 15, rclone 5, and round numbers. */
const USUAL_MIB = [8, 16, 5, 15, 64, 10, 32, 100, 128, 50, 25, 20, 256, 512, 1024, 5120];
const USUAL_MB = [8, 16, 5, 10, 15, 50, 100, 500];
/** S3 takes at most so many parts. */
const PARTS_MAX = 10_000;

/** Whether an object of so many bytes has so many parts when all but the last have one size. */
export const hasParts = (bytes: number, count: number, size: number): boolean =>
  size > 0 && Math.max(1, Math.ceil(bytes / size)) === count;

/** Sizes that the parts of an object may have, the likeliest first, when the store does not say. */
export function likelyPartSizes(bytes: number, count: number): number[] {
  if (count === 1) return [Math.max(bytes, 1)];
  // rclone and Waybill take the smallest whole MiB that keeps to the limit of parts.
  const smallest = Math.ceil(bytes / PARTS_MAX / MIB) * MIB;
  const known = [...USUAL_MIB.map((n) => n * MIB), smallest, ...USUAL_MB.map((n) => n * MB)];
  // aws doubles its 8 MiB until the parts are few enough.
  for (let size = 16 * MIB; size <= 512 * MIB; size *= 2) known.push(size);
  // Where many parts leave few sizes, every whole MiB is tried.
  const from = Math.ceil(bytes / count / MIB);
  for (let n = from; n < from + GUESSES_MAX; n += 1) known.push(n * MIB);
  const fitting = known.filter((size) => hasParts(bytes, count, size));
  return [...new Set(fitting)].slice(0, GUESSES_MAX);
}

/** The checksum over the checksums of parts. */
export class ChecksumOfParts implements RunningChecksum {
  readonly #begin: () => RunningChecksum;
  readonly #layout: PartLayout;
  readonly #outer: RunningChecksum;
  #part: RunningChecksum;
  #number = 0;
  #left: number;

  constructor(begin: () => RunningChecksum, layout: PartLayout) {
    this.#begin = begin;
    this.#layout = layout;
    this.#outer = begin();
    this.#part = begin();
    this.#left = this.#sizeOf(0);
  }

  update(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left === 0) this.#endPart();
      const taken = Math.min(this.#left, chunk.length - at);
      this.#part.update(chunk.subarray(at, at + taken));
      this.#left -= taken;
      at += taken;
    }
  }

  digest(): Buffer {
    this.#outer.update(this.#part.digest());
    return this.#outer.digest();
  }

  #endPart(): void {
    this.#outer.update(this.#part.digest());
    this.#part = this.#begin();
    this.#number += 1;
    this.#left = this.#sizeOf(this.#number);
  }

  /** What lies behind the last part belongs to it: the sum then differs. */
  #sizeOf(part: number): number {
    if (typeof this.#layout === 'number') return this.#layout;
    return this.#layout[part] || Number.POSITIVE_INFINITY;
  }
}
