import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Amounts, type Moment, paceOf, progressStatusOf, withMoment } from './progress.ts';

const WINDOW_MS = 20_000;
const at = (seconds: number, bytes: number, objects = 0): Moment => ({
  atMs: seconds * 1000,
  bytes,
  objects,
});

/** Any number that a counter can be believed to hold, and those that it cannot. */
const counter = fc.oneof(
  fc.nat(30),
  fc.integer({ min: -5, max: 1000 }),
  fc.double({ min: -1e3, max: 8e13 }),
  fc.constantFrom(
    0,
    -1,
    4096,
    80e12,
    Number.MAX_SAFE_INTEGER,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ),
);
const amounts: fc.Arbitrary<Amounts> = fc.record({
  objects: counter,
  bytes: counter,
  totalObjects: counter,
  totalBytes: counter,
});
const moments = fc.array(
  fc.record({ atMs: fc.integer({ min: 0, max: 60_000 }), objects: counter, bytes: counter }),
  { maxLength: 8 },
);

describe('where a transfer stands', () => {
  test('is a number that people can read, whatever the counters are', () => {
    fc.assert(
      fc.property(amounts, moments, (given, history) => {
        const status = progressStatusOf(given, history, WINDOW_MS);
        const { share, percent, isDone, bytesPerSecond, objectsPerSecond, leftMs } = status;
        for (const figure of [share, bytesPerSecond, objectsPerSecond, leftMs]) {
          if (figure === undefined) continue;
          expect(Number.isFinite(figure)).toBe(true);
          expect(figure).toBeGreaterThanOrEqual(0);
        }
        expect(share ?? 0).toBeLessThanOrEqual(1);
        expect(percent === undefined).toBe(share === undefined);
        expect(percent === '100.0').toBe(isDone);
        expect(share === 1).toBe(isDone);
        expect(leftMs === 0).toBe(isDone);
      }),
      { numRuns: 3000 },
    );
  });

  test('is the end only when every object and every byte is there', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(5000), fc.nat(50), fc.nat(5000), (o, b, moreO, moreB) => {
        const given = { objects: o, bytes: b, totalObjects: o + moreO, totalBytes: b + moreB };
        const isAll = o + b > 0 && moreO + moreB === 0;
        expect(progressStatusOf(given, [], WINDOW_MS).isDone).toBe(isAll);
      }),
    );
  });

  test('never goes back while counters go on', () => {
    fc.assert(
      fc.property(amounts, fc.nat(100), fc.nat(1e9), (given, moreO, moreB) => {
        const later = { ...given, objects: given.objects + moreO, bytes: given.bytes + moreB };
        const before = progressStatusOf(given, [], WINDOW_MS).share ?? 0;
        fc.pre(Number.isFinite(given.objects) && Number.isFinite(given.bytes));
        expect(progressStatusOf(later, [], WINDOW_MS).share ?? 0).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  test.each([
    { what: '11 of 25 objects, the others empty', o: 11, b: 500, allO: 25, allB: 500, say: '44.2' },
    { what: 'empty objects alone', o: 11, b: 0, allO: 25, allB: 0, say: '44.0' },
    { what: 'half of one large object', o: 0, b: 5e9, allO: 2, allB: 1e10, say: '49.9' },
    {
      what: 'all but the last object of a million',
      o: 999_999,
      b: 1e12,
      allO: 1e6,
      allB: 1e12,
      say: '99.9',
    },
    { what: 'all', o: 25, b: 500, allO: 25, allB: 500, say: '100.0' },
    { what: 'more than was counted before', o: 26, b: 600, allO: 25, allB: 500, say: '100.0' },
    { what: 'no totals yet', o: 3, b: 500, allO: 0, allB: 0, say: undefined },
  ])('$what: $say', ({ o, b, allO, allB, say }) => {
    const given = { objects: o, bytes: b, totalObjects: allO, totalBytes: allB };
    expect(progressStatusOf(given, [], WINDOW_MS).percent).toBe(say);
  });

  test('tells the time left from what moves, be it bytes or objects', () => {
    const given = { objects: 0, bytes: 6000, totalObjects: 0, totalBytes: 9000 };
    const history = [at(0, 0), at(2, 5000), at(4, 6000)];
    expect(progressStatusOf(given, history, WINDOW_MS)).toMatchObject({
      bytesPerSecond: 1500,
      leftMs: 2000,
    });
    const empty = { objects: 5, bytes: 0, totalObjects: 15, totalBytes: 0 };
    expect(progressStatusOf(empty, [at(0, 0, 0), at(1, 0, 5)], WINDOW_MS).leftMs).toBe(2000);
    expect(progressStatusOf(empty, [at(0, 0, 5), at(1, 0, 5)], WINDOW_MS).leftMs).toBeUndefined();
  });
});

describe('the pace', () => {
  const unknown = { bytesPerSecond: undefined, objectsPerSecond: undefined };

  test('is what moved over the time it took', () => {
    const history = [at(0, 0), at(2, 5000, 4), at(4, 6000, 4)];
    expect(paceOf(history, WINDOW_MS)).toEqual({ bytesPerSecond: 1500, objectsPerSecond: 1 });
  });

  test('is not known from one moment, nor twice the same', () => {
    expect(paceOf([], WINDOW_MS)).toEqual(unknown);
    expect(paceOf([at(0, 10)], WINDOW_MS)).toEqual(unknown);
    expect(paceOf([at(0, 10), at(0, 20)], WINDOW_MS)).toEqual(unknown);
  });

  test('forgets what is long ago, unless nothing newer is known', () => {
    const slow = [at(0, 0), at(600, 60_000)];
    expect(paceOf(slow, WINDOW_MS).bytesPerSecond).toBe(100);
    expect(paceOf([...slow, at(610, 70_000)], WINDOW_MS).bytesPerSecond).toBe(1000);
  });

  test('begins anew where a counter went back', () => {
    expect(paceOf([at(0, 500), at(2, 499)], WINDOW_MS)).toEqual(unknown);
    expect(paceOf([at(0, 500), at(2, 0), at(4, 600)], WINDOW_MS).bytesPerSecond).toBe(300);
    expect(paceOf([at(0, 500, 9), at(2, 600, 0), at(4, 800, 2)], WINDOW_MS).bytesPerSecond).toBe(
      100,
    );
  });

  test('is the same from the moments that are kept as from all', () => {
    fc.assert(
      fc.property(moments, (history) => {
        const inOrder = history.toSorted((a, b) => a.atMs - b.atMs);
        const kept = inOrder.reduce<Moment[]>(
          (before, moment) => withMoment(before, moment, WINDOW_MS),
          [],
        );
        expect(paceOf(kept, WINDOW_MS)).toEqual(paceOf(inOrder, WINDOW_MS));
      }),
    );
  });
});
