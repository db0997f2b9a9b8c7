import { expect, test } from 'vitest';
import { ioErrors } from '../testing/torture/io-errors.ts';
import { kill } from '../testing/torture/kill/kill.ts';
import { lostFiles } from '../testing/torture/lost-files.ts';
import { movingSource } from '../testing/torture/moving-source.ts';
import { powerLoss } from '../testing/torture/power/power-loss.ts';
import { reopening } from '../testing/torture/reopening.ts';
import { stores } from '../testing/torture/stores.ts';

/** The first rounds of what `npm run torture` does for hours. */
test.each([
  [kill, 20, 'kills'],
  [powerLoss, 20, 'within'],
  [reopening, 20, 'within'],
  [ioErrors, 20, 'errors'],
  [movingSource, 10, 'changes'],
  [lostFiles, 6, 'repaired'],
  [stores, 4, 'faults'],
] as const)('$name', async (scenario, rounds, what) => {
  const counts = await scenario.run({ seed: 1, rounds, say: () => undefined });
  expect(counts[what]).toBeGreaterThan(rounds / 3);
});
