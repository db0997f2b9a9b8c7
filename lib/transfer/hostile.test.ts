import { expect, test } from 'vitest';
import { hostile } from '../testing/torture/hostile/hostile.ts';

// All cases take a minute; the long run goes through them.
const ROUNDS = 55;

test(hostile.about, async () => {
  const counts = await hostile.run({ seed: 1, rounds: ROUNDS, say: () => undefined });
  expect(counts.forgeries).toBe(ROUNDS);
  expect(counts.refused).toBeGreaterThan(15);
  expect(counts.reported).toBeGreaterThan(5);
  expect(counts.landed).toBeGreaterThan(5);
});
