import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seeded, seededBytes } from '../testing/trees.ts';
import { coefficient, GaloisSums, inverse, multiply, recoveryFactors } from './reed-solomon.ts';

/** Parity the slow way, straight from the definition. */
function parityOf(data: Buffer[], row: number): Buffer {
  const sum = Buffer.alloc(Math.max(...data.map((shard) => shard.length)));
  for (const [column, shard] of data.entries()) {
    for (const [at, byte] of shard.entries())
      sum[at] = (sum[at] ?? 0) ^ multiply(coefficient(row, column), byte);
  }
  return sum;
}

/** A product by carry-less multiplication and reduction. */
function slowMultiply(a: number, b: number): number {
  let product = 0;
  for (let i = 0; i < 8; i += 1) if (b & (1 << i)) product ^= a << i;
  for (let i = 15; i >= 8; i -= 1) if (product & (1 << i)) product ^= 0x11d << (i - 8);
  return product;
}

test('the field is GF(2^8) with the polynomial 0x11D', () => {
  for (let a = 0; a < 256; a += 1) {
    for (let b = 0; b < 256; b += 1) expect(multiply(a, b)).toBe(slowMultiply(a, b));
    if (a > 0) expect(multiply(a, inverse(a))).toBe(1);
  }
});

describe('sums', () => {
  test('are those of the definition, for every length and factor', () => {
    for (const length of [0, 1, 15, 16, 17, 31, 1000, 1024]) {
      const sums = new GaloisSums(2, 1024);
      const expected = Buffer.alloc(1024);
      for (let round = 0; round < 20; round += 1) {
        const source = randomBytes(length);
        const factor = randomBytes(1)[0] ?? 0;
        // Something else lay there before.
        randomBytes(1024).copy(sums.source);
        source.copy(sums.source);
        sums.add(1, factor, length);
        for (const [i, byte] of source.entries())
          expected[i] = (expected[i] ?? 0) ^ multiply(factor, byte);
      }
      expect(sums.sums[1]).toEqual(expected);
      expect(sums.sums[0]).toEqual(Buffer.alloc(1024));
    }
  });

  test('have known values', () => {
    const data = [seededBytes(1, 8), seededBytes(2, 8), seededBytes(3, 8)];
    expect([0, 1].map((row) => parityOf(data, row).toString('hex'))).toMatchInlineSnapshot(`
      [
        "b7c6b9d1fddc7393",
        "9965c1bf31c91e60",
      ]
    `);
    expect([coefficient(0, 0), coefficient(0, 1), coefficient(1, 0), coefficient(1, 7)]).toEqual([
      253, 126, 126, 212,
    ]);
  });
});

describe('lost shards', () => {
  const recover = (data: Buffer[], parity: Buffer[], lost: number[]): Buffer[] => {
    const all = [...data, ...parity];
    const present = all
      .map((_, i) => i)
      .filter((i) => !lost.includes(i))
      .slice(0, data.length);
    const factors = recoveryFactors(data.length, present, lost);
    const length = data[0]?.length ?? 0;
    const sums = new GaloisSums(lost.length, length);
    for (const [position, shard] of present.entries()) {
      all[shard]?.copy(sums.source);
      for (const i of lost.keys()) sums.add(i, factors[i]?.[position] ?? 0);
    }
    return sums.sums.map((sum) => Buffer.from(sum));
  };

  test('come back, whichever they are', () => {
    for (const [k, m] of [
      [1, 1],
      [2, 2],
      [4, 2],
      [3, 3],
      [6, 1],
    ] as const) {
      const data = Array.from({ length: k }, (_, i) => seededBytes(i + 1, 40));
      const parity = Array.from({ length: m }, (_, row) => parityOf(data, row));
      for (let mask = 0; mask < 2 ** (k + m); mask += 1) {
        const lost = Array.from({ length: k + m }, (_, i) => i).filter((i) => mask & (1 << i));
        if (lost.length > m) continue;
        const expected = lost.map((i) => [...data, ...parity][i]);
        expect(recover(data, parity, lost)).toEqual(expected);
      }
    }
  });

  test('come back out of as many shards as there can be', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 253 }), fc.integer(), (k, seed) => {
        const m = Math.min(255 - k, 4);
        const random = seeded(seed);
        const data = Array.from({ length: k }, (_, i) => seededBytes(i, 16));
        const parity = Array.from({ length: m }, (_, row) => parityOf(data, row));
        const shuffled = Array.from({ length: k + m }, (_, i) => ({ i, at: random() }));
        const lost = shuffled
          .sort((a, b) => a.at - b.at)
          .slice(0, m)
          .map(({ i }) => i);
        const expected = lost.map((i) => [...data, ...parity][i]);
        expect(recover(data, parity, lost)).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });
});
