import { expect, test } from 'vitest';
import { HOSTILE_CASES, hostile } from '../testing/torture/hostile.ts';

test(hostile.about, async () => {
  const counts = await hostile.run({ seed: 1, rounds: HOSTILE_CASES.length, say: () => undefined });
  expect(counts.forgeries).toBe(HOSTILE_CASES.length);
  expect(counts.refused).toBeGreaterThan(60);
});
