import { describe, expect, test } from 'vitest';
import { addSample, etaMs, rateOf, type Sample } from './rate.ts';

describe('the rate of a transfer', () => {
  test('is what moved over the time it took', () => {
    const samples = [
      { bytes: 0, atMs: 0 },
      { bytes: 5000, atMs: 2000 },
    ].reduce<readonly Sample[]>(addSample, []);
    expect(rateOf(samples)).toBe(2500);
    expect(etaMs(5000, 2500)).toBe(2000);
  });

  test('is not known from one moment, nor from the same one twice', () => {
    const one = addSample([], { bytes: 10, atMs: 1 });
    expect(rateOf(one)).toBe(0);
    expect(addSample(one, { bytes: 10, atMs: 1 })).toBe(one);
    expect(etaMs(10, 0)).toBeUndefined();
  });

  test('forgets what is long ago', () => {
    const old = addSample([], { bytes: 0, atMs: 0 });
    expect(addSample(old, { bytes: 1, atMs: 60_000 })).toHaveLength(1);
  });
});
