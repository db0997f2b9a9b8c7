import { describe, expect, test } from 'vitest';
import { ratesOf } from './rate.ts';

const sample = (seconds: number, bytes: number, objects = 0) => ({
  at: new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString(),
  bytes,
  objects,
});

describe('the rate of a transfer', () => {
  test('is what moved over the time it took', () => {
    const samples = [sample(0, 0), sample(2, 5000, 4), sample(4, 6000, 4)];
    expect(ratesOf(samples, 'bytes').map(({ y }) => y)).toEqual([2500, 2500, 500]);
    expect(ratesOf(samples, 'objects').map(({ y }) => y)).toEqual([2, 2, 0]);
  });

  test('is none where a copy started anew', () => {
    expect(
      ratesOf([sample(0, 500), sample(2, 0), sample(4, 10)], 'bytes').map(({ y }) => y),
    ).toEqual([5, 5]);
  });
});
