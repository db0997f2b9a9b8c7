import { describe, expect, test } from 'vitest';
import { etaMs, rateNow, ratesOf } from './rate.ts';

const sample = (seconds: number, bytes: number, objects = 0) => ({
  at: new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString(),
  ...{ bytes, objects },
});

describe('the rate of a transfer', () => {
  test('is what moved over the time it took', () => {
    const samples = [sample(0, 0), sample(2, 5000, 4), sample(4, 6000, 4)];
    expect(ratesOf(samples, 'bytes').map(({ y }) => y)).toEqual([2500, 2500, 500]);
    expect(ratesOf(samples, 'objects').map(({ y }) => y)).toEqual([2, 2, 0]);
    expect(rateNow(samples, 'bytes')).toBe(1500);
    expect(etaMs(3000, 1500)).toBe(2000);
  });

  test('is not known from one moment, nor twice the same', () => {
    expect(rateNow([], 'bytes')).toBeUndefined();
    expect(rateNow([sample(0, 10)], 'bytes')).toBeUndefined();
    expect(rateNow([sample(0, 10), sample(0, 20)], 'bytes')).toBeUndefined();
    expect(etaMs(10, undefined)).toBeUndefined();
    expect(etaMs(10, 0)).toBeUndefined();
  });

  test('now forgets what is long ago, unless nothing newer is known', () => {
    const slow = [sample(0, 0), sample(600, 60_000)];
    expect(rateNow(slow, 'bytes')).toBe(100);
    expect(rateNow([...slow, sample(610, 70_000)], 'bytes')).toBe(1000);
  });

  test('is none where a copy started anew', () => {
    expect(
      ratesOf([sample(0, 500), sample(2, 0), sample(4, 10)], 'bytes').map(({ y }) => y),
    ).toEqual([5, 5]);
  });
});
