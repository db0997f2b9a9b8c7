import { expect, test } from 'vitest';
import { ioErrors } from '../testing/torture/io-errors.ts';
import { kill } from '../testing/torture/kill.ts';
import { lostFiles } from '../testing/torture/lost-files.ts';
import { movingSource } from '../testing/torture/moving-source.ts';
import { powerLoss } from '../testing/torture/power-loss.ts';

/** The first rounds of what `npm run torture` does for hours. */
test.each([
  [kill, 30, 'kills'],
  [powerLoss, 30, 'within'],
  [ioErrors, 30, 'errors'],
  [movingSource, 15, 'changes'],
  [lostFiles, 8, 'repaired'],
] as const)('$name', async (scenario, rounds, what) => {
  const counts = await scenario.run({ seed: 1, rounds, say: () => undefined });
  expect(counts[what]).toBeGreaterThan(rounds / 3);
});
