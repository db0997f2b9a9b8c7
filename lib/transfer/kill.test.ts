import { expect, test } from 'vitest';
import { kill } from '../testing/torture/kill.ts';

test(kill.about, async () => {
  const counts = await kill.run({ seed: 1, rounds: 40, say: () => undefined });
  expect(counts.kills).toBeGreaterThan(20);
});
