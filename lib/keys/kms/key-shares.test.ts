import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinShares, type KeyShare, readShares, shareText, splitSecret } from './key-shares.ts';

const SECRET = JSON.stringify({ keys: { 'mk-1': 'a'.repeat(44) } });
const printed = (shares: readonly KeyShare[]) => shares.map(shareText).join('');
const some = (shares: readonly KeyShare[], ...numbers: number[]) =>
  shares.filter(({ number }) => numbers.includes(number));

describe('shares', () => {
  test('any choice of enough of them is the secret, printed and read again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.integer({ min: 2, max: 9 }),
        fc.integer({ min: 2, max: 9 }),
        fc.infiniteStream(fc.nat()),
        async (secret, a, b, order) => {
          const sizes = { shares: Math.max(a, b), threshold: Math.min(a, b) };
          const made = await splitSecret(secret, sizes);
          const chosen = made
            .map((share) => ({ share, rank: order.next().value as number }))
            .sort((x, y) => x.rank - y.rank)
            .slice(0, sizes.threshold)
            .map(({ share }) => share);
          expect(await joinShares(readShares(printed(chosen), 'paper'))).toBe(secret);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('fewer are refused, and hold nothing that the secret holds', async () => {
    const made = await splitSecret(SECRET, { shares: 5, threshold: 3 });
    await expect(joinShares(some(made, 1, 4))).rejects.toMatchObject({
      code: 'SharesRefused',
      message: expect.stringContaining('2 of set'),
    });
    await expect(joinShares([])).rejects.toMatchObject({ code: 'SharesRefused' });
    // A share that counts twice is one.
    await expect(joinShares([...some(made, 1, 4), ...some(made, 4)])).rejects.toMatchObject({
      code: 'SharesRefused',
    });
    // Who lowers the number that is needed gets no wrong secret.
    const lowered = some(made, 1, 4).map((share) => ({ ...share, threshold: 2 }));
    await expect(joinShares(lowered)).rejects.toThrow(/changed/);
    for (const { bytes } of made) expect(bytes.includes('mk-1')).toBe(false);
  });

  test('those of two sets are told apart', async () => {
    const [a, b] = [
      await splitSecret(SECRET, { shares: 3, threshold: 2 }),
      await splitSecret(SECRET, { shares: 3, threshold: 2 }),
    ];
    await expect(joinShares([...some(a, 1), ...some(b, 2)])).rejects.toThrow(/several sets/);
  });

  test.each([
    [1, 1],
    [3, 1],
    [2, 3],
    [256, 3],
    [Number.NaN, 2],
    [3, 2.5],
  ])('%s shares of which %s are needed cannot be made', async (shares, threshold) => {
    await expect(splitSecret(SECRET, { shares, threshold })).rejects.toMatchObject({
      code: 'Usage',
    });
  });
});

describe('a share that was typed in', () => {
  test('with a slip names its line', async () => {
    const text = shareText((await splitSecret(SECRET, { shares: 2, threshold: 2 }))[0] as KeyShare);
    const lines = text.split('\n');
    const slip = (line: number, change: (line: string) => string) =>
      lines.map((each, index) => (index === line ? change(each) : each)).join('\n');
    const other = (line: string) =>
      line.startsWith('A') ? `B${line.slice(1)}` : `A${line.slice(1)}`;
    expect(() => readShares(slip(2, other), 'paper')).toThrow(/paper, line 3 was changed/);
    expect(() =>
      readShares(
        slip(2, () => ''),
        'paper',
      ),
    ).toThrow(/missing or changed/);
    expect(() => readShares(lines.slice(0, 3).join('\n'), 'paper')).toThrow(/has no end/);
    expect(() => readShares('hello', 'paper')).toThrow(/paper, line 1 is not of a share/);
  });

  test('may have other white space', async () => {
    const made = await splitSecret(SECRET, { shares: 2, threshold: 2 });
    const typed = printed(made)
      .replaceAll('\n', '\r\n\r\n')
      .replaceAll(/ ([0-9a-f]{8})\r/g, '   $1\r');
    expect(await joinShares(readShares(typed, 'paper'))).toBe(SECRET);
  });

  test('in whatever state it is, fails with a known error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          readShares(text, 'x');
        } catch (error) {
          expect(error).toMatchObject({ code: 'SharesRefused' });
        }
      }),
    );
  });
});
