import { expect, test } from 'vitest';
import { lyingDevices } from '../testing/torture/lying-devices.ts';

/** A few of what the long run goes through. */
const ROUNDS = 30;

test(lyingDevices.about, async () => {
  const counts = await lyingDevices.run({ seed: 1, rounds: ROUNDS, say: () => undefined });
  expect(counts.devices).toBe(ROUNDS);
  expect(counts.refused).toBeGreaterThan(5);
  expect(counts.whole).toBeGreaterThan(5);
  expect(counts.erased).toBeGreaterThan(20);
}, 300_000);
