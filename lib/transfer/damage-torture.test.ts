import { expect, test } from 'vitest';
import { damage } from '../testing/torture/damage.ts';

test(damage.about, async () => {
  const counts = await damage.run({ seed: 1, rounds: 300, say: () => undefined });
  expect(counts).toMatchObject({ damages: 300, undetected: 0 });
  expect(counts.reported).toBeGreaterThan(100);
});
