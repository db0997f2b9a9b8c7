import { invariant } from '../../domain/invariant.ts';
import { galoisKernel } from './galois-kernel.ts';

/**
 * A systematic Reed-Solomon erasure code: from k data shards of equal length it makes m parity shards, k + m ≤ 255,
 * and any k of the k + m give all of them back. FORMAT.md has the construction:
 *
 * - Bytes are elements of GF(2^8) = GF(2)[x] / (x^8 + x^4 + x^3 + x^2 + 1), 0x11D; bit 0 is the constant term.
 *   A sum is XOR. Each byte position of the shards is a code word of its own; a shorter shard ends in zeros.
 * - Parity shard i (from 0) is the sum over j of c(i, j) · data shard j (from 0), where
 *   c(i, j) = 1 / ((255 − i) XOR j). That is a Cauchy matrix: 255 − i and j never meet, so every square submatrix
 *   can be inverted (Blömer et al., "An XOR-Based Erasure-Resilient Coding Scheme", 1995). It depends on neither
 *   k nor m.
 * - To repair, write down for each of k shards that are left its row: of the unit matrix for a data shard, of c for
 *   a parity shard. The inverse of these k rows, times the shards, is the data.
 */

const POLYNOMIAL = 0x11d;
export const SHARDS_MAX = 255;

const EXP = new Uint8Array(510);
const LOG = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power += 1) {
  EXP[power] = value;
  EXP[power + 255] = value;
  LOG[value] = power;
  value = value & 0x80 ? ((value << 1) ^ POLYNOMIAL) & 0xff : value << 1;
}

/** a · b in the field. */
export const multiply = (a: number, b: number): number =>
  a === 0 || b === 0 ? 0 : (EXP[(LOG[a] ?? 0) + (LOG[b] ?? 0)] ?? 0);

/** 1 / a in the field; a is not 0. */
export function inverse(a: number): number {
  invariant(a > 0 && a < 256, 'only what is not zero has an inverse');
  return EXP[255 - (LOG[a] ?? 0)] ?? 0;
}

/** The factor of data shard `column` in parity shard `row`. */
export function coefficient(row: number, column: number): number {
  // Beyond, rows and columns could meet, and shards would be made that cannot be repaired from.
  invariant(
    row >= 0 && column >= 0 && row + column + 2 <= SHARDS_MAX,
    'a set has at most 255 shards',
  );
  return inverse((255 - row) ^ column);
}

const PAGE_BYTES = 65_536;
const round = (bytes: number): number => Math.ceil(bytes / 16) * 16;

/**
 * Sums of multiples of buffers. Sums lie in memory of its own; a source is filled there too, or copied in by
 * `add`. All buffers are `bytes` long; what is not filled counts as zero.
 */
export class GaloisSums {
  /** Where a source can be read to, so that it need not be copied. */
  readonly source: Buffer;
  readonly sums: Buffer[];
  readonly #run: ReturnType<typeof galoisKernel>;
  readonly #table: Buffer;
  readonly #stride: number;

  constructor(count: number, bytes: number) {
    this.#stride = round(bytes);
    const first = 32 + this.#stride;
    const needed = first + count * this.#stride;
    const initial = Math.ceil(needed / PAGE_BYTES);
    const memory = new WebAssembly.Memory({ initial, maximum: initial });
    this.#run = galoisKernel(memory);
    this.#table = Buffer.from(memory.buffer, 0, 32);
    this.source = Buffer.from(memory.buffer, 32, bytes);
    this.sums = Array.from({ length: count }, (_, i) =>
      Buffer.from(memory.buffer, first + i * this.#stride, bytes),
    );
  }

  clear(): void {
    for (const sum of this.sums) sum.fill(0);
  }

  /**
   * sums[index] += factor · the first `length` bytes of the source. Up to 15 bytes of the source behind them become
   * zero.
   */
  add(index: number, factor: number, length = this.source.length): void {
    const sum = this.sums[index];
    invariant(sum && length <= this.source.length, 'there are such a sum and source');
    if (factor === 0 || length === 0) return;
    for (let i = 0; i < 16; i += 1) {
      this.#table[i] = multiply(factor, i);
      this.#table[16 + i] = multiply(factor, i << 4);
    }
    const padded = round(length);
    // What lies behind a short source is of an earlier one.
    Buffer.from(this.source.buffer, this.source.byteOffset + length, padded - length).fill(0);
    const target = sum.byteOffset;
    this.#run(target, this.source.byteOffset, target + padded, 0);
  }
}

/**
 * How to get lost shards back: for each lost shard the factors of the shards that are there. `present` names the
 * shards to use, exactly k of them, each once; numbers from k on are parity shards, here and in `lost`. A lost shard
 * is the sum of its factors times the shards of `present`, in their order.
 */
export function recoveryFactors(
  dataShards: number,
  present: readonly number[],
  lost: readonly number[],
): number[][] {
  invariant(present.length === dataShards, 'as many shards as there are data shards');
  const inverted = invert(present.map((shard) => generatorRow(dataShards, shard)));
  return lost.map((shard) => {
    const row = generatorRow(dataShards, shard);
    return present.map((_, i) =>
      row.reduce((sum, factor, j) => sum ^ multiply(factor, inverted[j]?.[i] ?? 0), 0),
    );
  });
}

/** What a shard is made of: a data shard of itself, a parity shard of all data shards. */
const generatorRow = (dataShards: number, shard: number): number[] =>
  Array.from({ length: dataShards }, (_, column) =>
    shard < dataShards ? Number(shard === column) : coefficient(shard - dataShards, column),
  );

/** Gauss and Jordan. */
function invert(matrix: number[][]): number[][] {
  const size = matrix.length;
  const work = matrix.map((row, i) => [
    ...row,
    ...Array.from({ length: size }, (_, j) => Number(i === j)),
  ]);
  for (let column = 0; column < size; column += 1) {
    const pivot = work.findIndex((row, i) => i >= column && row[column] !== 0);
    const row = work[pivot];
    invariant(row, 'a Cauchy matrix has an inverse');
    work[pivot] = work[column] ?? [];
    const factor = inverse(row[column] ?? 0);
    const scaled = row.map((value) => multiply(value, factor));
    work[column] = scaled;
    for (const [i, other] of work.entries()) {
      const times = other[column] ?? 0;
      if (i === column || times === 0) continue;
      work[i] = other.map((value, j) => value ^ multiply(times, scaled[j] ?? 0));
    }
  }
  return work.map((row) => row.slice(size));
}
