import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { as, consoleDatabase, NOW, newJob } from '../../testing/console-database.ts';
import { jobs } from '../db/schema/jobs.ts';
import { createJob } from '../jobs/create-job.ts';
import { countDevices, movedByDay, onTheMove } from './overview.ts';

test('the home page counts what was moved on which day, what moves, and devices', async () => {
  const { db } = await consoleDatabase();
  const seal = { objects: 1, skipped: 0, failed: 0, sealDigest: 'x', sealedAt: NOW.toISOString() };
  const set = async (type: 'import' | 'export', changes: Partial<typeof jobs.$inferInsert>) => {
    const { id } = await createJob(db, as('operator'), newJob({ type }), NOW);
    await db.transaction(async (tx) => {
      await tx.update(jobs).set(changes).where(eq(jobs.id, id));
    });
  };
  const done = (stateSince: string, bytes: number) =>
    ({ state: 'completed', stateSince, seal: { ...seal, bytes } }) as const;
  await set('import', done('2026-01-02T01:00:00.000Z', 5));
  await set('import', done('2026-01-02T02:00:00.000Z', 7));
  await set('export', done('2026-01-01T23:59:59.000Z', 11));
  await set('import', done('2025-11-01T00:00:00.000Z', 100));
  await set('import', { state: 'in-transit-to-facility', seal: { ...seal, bytes: 13 } });
  const days = await movedByDay(db.read, NOW);
  expect(days).toHaveLength(30);
  expect(days.slice(-2)).toEqual([
    { day: '2026-01-01', imported: 0, exported: 11 },
    { day: '2026-01-02', imported: 12, exported: 0 },
  ]);
  expect(days.slice(0, -2).every(({ imported, exported }) => imported + exported === 0)).toBe(true);
  expect(await onTheMove(db.read)).toEqual({ jobs: 1, bytes: 13 });
  expect(await countDevices(db.read)).toEqual({ available: 1 });
});
