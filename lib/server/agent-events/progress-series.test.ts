import { expect, test } from 'vitest';
import { consoleDatabase, NOW } from '../../testing/console-database.ts';
import { keepSample, progressSeries, SAMPLES_MAX } from './progress-series.ts';

test('a long job keeps few samples, evenly apart, the last of each slot', async () => {
  const { db } = await consoleDatabase();
  const moments = 3000;
  await db.transaction(async (tx) => {
    for (let i = 0; i < moments; i += 1) {
      const progress = { phase: 'copy', objects: i, bytes: i * 1000 } as const;
      await keepSample(tx, 'JID1', progress, new Date(NOW.getTime() + i * 2000));
    }
    await keepSample(
      tx,
      'JID1',
      { phase: 'verify', objects: 0, bytes: 0 },
      new Date(NOW.getTime() + 9e6),
    );
    await keepSample(tx, 'JID2', { phase: 'copy', objects: 1, bytes: 1 }, NOW);
  });
  const [copy, verify, ...none] = await progressSeries(db.read, 'JID1');
  expect(none).toEqual([]);
  expect(verify?.samples).toHaveLength(1);
  const samples = copy?.samples ?? [];
  expect(samples.length).toBeLessThanOrEqual(SAMPLES_MAX + 1);
  expect(samples.length).toBeGreaterThan(SAMPLES_MAX / 2 - 2);
  expect(samples.at(-1)).toMatchObject({ objects: moments - 1, bytes: (moments - 1) * 1000 });
  const gaps = samples.slice(1, -1).map(({ objects }, i) => objects - (samples[i]?.objects ?? 0));
  // Every gap is the step that the series has come to.
  expect(new Set(gaps.slice(1))).toEqual(new Set([(copy?.stepMs ?? 0) / 2000]));
  for (const { at, objects } of samples)
    expect(Date.parse(at)).toBe(NOW.getTime() + objects * 2000);
});
