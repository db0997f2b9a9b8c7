import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seeded, seededBytes } from '../../testing/trees.ts';
import {
  coefficient,
  GaloisSums,
  inverse,
  multiply,
  recoveryFactors,
  SHARDS_MAX,
} from './reed-solomon.ts';

/** A product by carry-less multiplication and reduction. */
function slowMultiply(a: number, b: number): number {
  let product = 0;
  for (let i = 0; i < 8; i += 1) if (b & (1 << i)) product ^= a << i;
  for (let i = 15; i >= 8; i -= 1) if (product & (1 << i)) product ^= 0x11d << (i - 8);
  return product;
}

const BYTES = Array.from({ length: 256 }, (_, i) => i);
const numbersTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** All ways to choose `count` of some numbers. */
function choices(from: readonly number[], count: number): number[][] {
  if (count === 0) return [[]];
  return from.flatMap((first, i) =>
    choices(from.slice(i + 1), count - 1).map((rest) => [first, ...rest]),
  );
}

/** `sum ^= factor · source` from a table of products, byte by byte. */
function slowAdd(sum: Buffer, factor: number, source: Buffer): void {
  const products = BYTES.map((byte) => slowMultiply(factor, byte));
  for (const [at, byte] of source.entries())
    sum[at] = (sum[at] as number) ^ (products[byte] as number);
}

/** Parity the slow way, straight from the definition. */
function parityOf(data: Buffer[], row: number): Buffer {
  const sum = Buffer.alloc(Math.max(...data.map((shard) => shard.length)));
  for (const [column, shard] of data.entries()) slowAdd(sum, coefficient(row, column), shard);
  return sum;
}

/** Parity the quick way; data shards come in the given order. */
function quickParity(data: Buffer[], rows: number, order = numbersTo(data.length)): Buffer[] {
  const sums = new GaloisSums(rows, Math.max(...data.map((shard) => shard.length)));
  for (const column of order) {
    const shard = data[column] as Buffer;
    shard.copy(sums.source);
    for (let row = 0; row < rows; row += 1) sums.add(row, coefficient(row, column), shard.length);
  }
  return sums.sums.map((sum) => Buffer.from(sum));
}

/** Makes the lost shards out of those of `present`. */
function recover(all: Buffer[], present: number[], lost: number[]): Buffer[] {
  const factors = recoveryFactors(present.length, present, lost);
  const sums = new GaloisSums(lost.length, all[0]?.length ?? 0);
  for (const [position, shard] of present.entries()) {
    all[shard]?.copy(sums.source);
    for (const i of lost.keys()) sums.add(i, factors[i]?.[position] ?? 0);
  }
  return sums.sums.map((sum) => Buffer.from(sum));
}

describe('the field', () => {
  test('is GF(2^8) with the polynomial 0x11D', () => {
    const wrong = BYTES.flatMap((a) =>
      BYTES.filter((b) => multiply(a, b) !== slowMultiply(a, b)).map((b) => [a, b]),
    );
    expect(wrong).toEqual([]);
  });

  test('has an inverse for all but zero', () => {
    const nonZero = BYTES.slice(1);
    expect(nonZero.filter((a) => multiply(a, inverse(a)) !== 1)).toEqual([]);
    expect(new Set(nonZero.map(inverse)).size).toBe(255);
    for (const a of [0, 256, -1, Number.NaN]) expect(() => inverse(a)).toThrow('invariant');
  });

  test('is commutative, associative and distributive', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, byte, byte, (a, b, c) => {
        expect(multiply(a, b)).toBe(multiply(b, a));
        expect(multiply(a, multiply(b, c))).toBe(multiply(multiply(a, b), c));
        expect(multiply(a, b ^ c)).toBe(multiply(a, b) ^ multiply(a, c));
        expect(multiply(a, 1)).toBe(a);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the matrix', () => {
  /** Along the first row; independent of the elimination that recovers. Signs do not matter: −1 is 1. */
  const determinant = (rows: number[], columns: number[]): number => {
    const [row, ...others] = rows;
    if (row === undefined) return 1;
    return columns.reduce((sum, column) => {
      const minor = determinant(
        others,
        columns.filter((other) => other !== column),
      );
      return sum ^ multiply(coefficient(row, column), minor);
    }, 0);
  };

  test('has no square part that is singular, when small', () => {
    for (let size = 1; size <= 5; size += 1) {
      for (const rows of choices(numbersTo(5), size)) {
        const singular = choices(numbersTo(8), size).filter((c) => determinant(rows, c) === 0);
        expect(singular).toEqual([]);
      }
    }
  });

  test('has no part of one or two rows that is singular, for as many data shards as there can be', () => {
    const columns = numbersTo(SHARDS_MAX - 3);
    for (const row of [0, 1, 2]) {
      expect(columns.filter((column) => coefficient(row, column) === 0)).toEqual([]);
    }
    for (const rows of choices([0, 1, 2], 2)) {
      // Two columns are dependent when their quotients are equal.
      const [a, b] = rows as [number, number];
      const quotient = (c: number) => multiply(coefficient(a, c), inverse(coefficient(b, c)));
      expect(new Set(columns.map(quotient)).size).toBe(columns.length);
    }
  });

  test('ends where a set would have more than 255 shards', () => {
    expect(coefficient(0, 253)).toBe(inverse(255 ^ 253));
    expect(coefficient(253, 0)).toBe(inverse(255 - 253));
    for (const [row, column] of [[0, 254] as const, [254, 0] as const, [100, 155] as const]) {
      expect(() => coefficient(row, column)).toThrow('invariant');
    }
    expect(() => coefficient(-1, 0)).toThrow('invariant');
    expect(() => coefficient(0, -1)).toThrow('invariant');
  });
});

describe('sums', () => {
  test('are right for every factor', () => {
    const sums = new GaloisSums(3, 256);
    Buffer.from(BYTES).copy(sums.source);
    for (const factor of BYTES) {
      sums.clear();
      sums.add(1, factor);
      const expected = Buffer.alloc(256);
      slowAdd(expected, factor, Buffer.from(BYTES));
      expect(sums.sums[1]?.equals(expected), `factor ${factor}`).toBe(true);
    }
    // Neighbours are not written to.
    expect(sums.sums[0]).toEqual(Buffer.alloc(256));
    expect(sums.sums[2]).toEqual(Buffer.alloc(256));
  });

  const MEBIBYTE = 1_048_576;
  test.each([0, 1, 15, 16, 17, 31, 32, 33, 1000, MEBIBYTE + 3])(
    'are right for buffers of %i bytes, and for sources that are shorter',
    (bytes) => {
      const sums = new GaloisSums(3, bytes);
      const expected = [Buffer.alloc(bytes), Buffer.alloc(bytes), Buffer.alloc(bytes)];
      const lengths = [bytes, bytes - 1, Math.ceil(bytes / 2), 1, 0].filter((n) => n >= 0);
      for (const [seed, wanted] of lengths.entries()) {
        const length = Math.min(wanted, bytes);
        const source = seededBytes(seed + 1, length);
        // What lay there before must not count.
        sums.source.fill(0xff);
        source.copy(sums.source);
        for (const i of [0, 2]) {
          const factor = 2 + seed * 40 + i;
          sums.add(i, factor, length);
          slowAdd(expected[i] as Buffer, factor, source);
        }
      }
      for (const [i, sum] of sums.sums.entries()) {
        expect(sum.length).toBe(bytes);
        expect(sum.equals(expected[i] as Buffer), `sum ${i}`).toBe(true);
      }
    },
  );

  test('are right for random lengths and factors, one upon the other', () => {
    const step = fc.record({
      length: fc.integer({ min: 0, max: 300 }),
      factor: fc.integer({ min: 0, max: 255 }),
      index: fc.integer({ min: 0, max: 2 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const sums = new GaloisSums(3, 300);
        const expected = [Buffer.alloc(300), Buffer.alloc(300), Buffer.alloc(300)];
        for (const { length, factor, index, seed } of steps) {
          const source = seededBytes(seed, length);
          source.copy(sums.source);
          sums.add(index, factor, length);
          slowAdd(expected[index] as Buffer, factor, source);
        }
        expect(sums.sums).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test('start again at zero when cleared', () => {
    const sums = new GaloisSums(2, 17);
    sums.source.fill(7);
    sums.add(0, 3);
    sums.add(1, 1);
    expect(sums.sums[1]).toEqual(Buffer.alloc(17, 7));
    sums.clear();
    expect(sums.sums).toEqual([Buffer.alloc(17), Buffer.alloc(17)]);
  });

  test('refuse a sum that is not there and a source that is too long', () => {
    const sums = new GaloisSums(1, 20);
    expect(() => sums.add(1, 1)).toThrow('invariant');
    expect(() => sums.add(0, 1, 21)).toThrow('invariant');
  });
});

describe('parity', () => {
  const data = [
    Buffer.from('Waybill parity 1'),
    Buffer.from('0123456789abcdef'),
    Buffer.from(BYTES.slice(0xf0)),
    Buffer.from('short'),
    Buffer.alloc(17),
  ];

  test('has known bytes', () => {
    // Worked out by another program from the definition. To change them makes parity that was written useless.
    expect(quickParity(data, 4).map((shard) => shard.toString('hex'))).toEqual([
      '9a6f41e8f6f668303621de692e23dd3600',
      '50ffc767a38d1650d89746c5a75dcd6500',
      '8a0b179691ec77b40335b232405219d100',
      '71ddf674be7ee0e9207d0c93e911d96700',
    ]);
    const places = [
      [0, 0, 253],
      [0, 1, 126],
      [1, 0, 126],
      [1, 7, 212],
      [3, 3, 253],
      [126, 127, 126],
    ] as const;
    for (const [row, column, factor] of places) expect(coefficient(row, column)).toBe(factor);
  });

  test('is the same in whatever order the data comes', () => {
    const expected = numbersTo(4).map((row) => parityOf(data, row));
    fc.assert(
      fc.property(fc.shuffledSubarray(numbersTo(5), { minLength: 5 }), (order) => {
        expect(quickParity(data, 4, order)).toEqual(expected);
      }),
    );
  });
});

describe('lost shards', () => {
  test('come back, whichever they are and whichever are used', () => {
    for (const [k, m] of [[1, 1] as const, [1, 4], [2, 2], [4, 2], [3, 3], [6, 1], [5, 4]]) {
      const data = numbersTo(k).map((i) => seededBytes(i + 1, 40));
      const all = [...data, ...numbersTo(m).map((row) => parityOf(data, row))];
      // What is not used may as well be lost: this is every pattern there is.
      for (const present of choices(numbersTo(k + m), k)) {
        const lost = numbersTo(k + m).filter((i) => !present.includes(i));
        expect(recover(all, present, lost)).toEqual(lost.map((i) => all[i]));
      }
    }
  });

  test('come back out of sets as large as there can be', () => {
    const sets = fc.record({
      m: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 254 })),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(sets, ({ m, seed }) => {
        const k = SHARDS_MAX - m;
        const random = seeded(seed);
        const data = numbersTo(k).map((i) => seededBytes(i, 16));
        const all = [...data, ...quickParity(data, m)];
        const shuffled = numbersTo(SHARDS_MAX)
          .map((i) => ({ i, at: random() }))
          .sort((a, b) => a.at - b.at)
          .map(({ i }) => i);
        // In no order: positions count, not numbers.
        const [lost, present] = [shuffled.slice(0, m), shuffled.slice(m)];
        expect(recover(all, present, lost)).toEqual(lost.map((i) => all[i]));
      }),
      { numRuns: 20 },
    );
  });

  test('do not come back out of too few', () => {
    expect(() => recoveryFactors(3, [0, 4], [1, 2])).toThrow('invariant');
    expect(() => recoveryFactors(3, [0, 4, 4], [1, 2])).toThrow('invariant');
    expect(() => recoveryFactors(3, [0, 1, 2, 3], [])).toThrow('invariant');
    expect(() => recoveryFactors(3, [0, 1, 255], [2])).toThrow('invariant');
  });
});
