import Database from 'better-sqlite3';
import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { type Action, mainPath, rowsFrom } from '../../domain/lifecycle.ts';
import type { NewJob } from '../../domain/new-job.ts';
import { TB } from '../../domain/sizes.ts';
import { JOB_TYPES, OPTIONS, type Role } from '../../domain/words.ts';
import { as, consoleDatabase, NOW, newJob } from '../../testing/console-database.ts';
import { reportOf, sealOf } from '../../testing/evidence.ts';
import type { Actor } from '../actors/actor.ts';
import { custodyOf, verifyCustody } from '../custody/log.ts';
import type { ConsoleDatabase } from '../db/database.ts';
import { custody } from '../db/schema/custody.ts';
import { incidents } from '../db/schema/incidents.ts';
import { jobs } from '../db/schema/jobs.ts';
import { shipments } from '../db/schema/shipments.ts';
import { stores } from '../db/schema/stores.ts';
import { keepEvidence } from '../erasing/evidence.ts';
import { listJobs } from '../job-queries/list-jobs.ts';
import { createJob } from '../jobs/create-job.ts';
import { getJob } from '../jobs/job.ts';
import { act } from '../lifecycle/transitions.ts';

const now = NOW;
const world = consoleDatabase;

/** Makes every condition of a job true, as the programs that do the work would. */
async function fulfil(db: ConsoleDatabase, jobId: string): Promise<void> {
  const job = await getJob(db.read, jobId);
  const done = {
    deviceId: 'DEV-1',
    devicePrepared: true,
    sealed: true,
    seal: sealOf(),
    reported: true,
    report: reportOf(job),
    erased: true,
  };
  const restoreConfirmed = { at: now.toISOString(), by: 'person:admin', note: 'by telephone' };
  await db.transaction(async (tx) => {
    await tx.update(jobs).set(done).where(eq(jobs.id, jobId));
    await keepEvidence(tx, jobId, { restoreConfirmed });
  });
}

describe.each(OPTIONS.flatMap((option) => JOB_TYPES.map((type) => ({ option, type }))))(
  '$option $type',
  ({ option, type }) => {
    const sizeBytes = option === 'disk' ? 16 * TB : 50 * TB;

    test('walks its whole path, and every step is in the custody log', async () => {
      const { db } = await world();
      const { id: jobId } = await createJob(
        db,
        as('admin'),
        newJob({ option, type, sizeBytes }),
        now,
      );
      await fulfil(db, jobId);
      for (const next of mainPath(option, type).slice(1)) {
        const { state } = await getJob(db.read, jobId);
        const action = rowsFrom({ option, type, state }).find((row) => row.to === next)
          ?.action as Action;
        const shipment = { carrier: 'Carrier', trackingNumber: '1Z', sealNumbers: ['77'] };
        // The seals that it left with are compared by nobody here: somebody's word is needed for that.
        const withoutSealComparison = action === 'start-import';
        const request = { jobId, action, shipment, withoutSealComparison };
        expect((await act(db, as('admin'), request, now)).state).toBe(next);
      }
      const entries = await custodyOf(db.read, jobId);
      expect(entries).toHaveLength(mainPath(option, type).length);
      expect(await verifyCustody(db.read)).toMatchObject({
        brokenAt: undefined,
        entries: entries.length,
      });
      const legs = await db.read.select().from(shipments);
      expect(legs.length).toBe(2);
      expect(legs[0]).toMatchObject({ carrier: 'Carrier', sealNumbers: ['77'] });
    });
  },
);

describe('what the rules refuse', () => {
  test('leaves no trace', async () => {
    const { db } = await world();
    const { id: jobId } = await createJob(db, as('operator'), newJob(), now);
    const before = await custodyOf(db.read, jobId);
    const refused = (role: Role, action: Action) => act(db, as(role), { jobId, action }, now);
    await expect(refused('viewer', 'cancel')).rejects.toMatchObject({ code: 'Forbidden' });
    await expect(refused('admin', 'receive')).rejects.toMatchObject({ code: 'InvalidJobState' });
    await act(db, as('facility'), { jobId, action: 'prepare' }, now);
    await expect(refused('facility', 'mark-ready')).rejects.toMatchObject({
      code: 'PreconditionFailed',
    });
    await expect(refused('operator', 'cancel')).rejects.toMatchObject({ code: 'Forbidden' });
    expect(await custodyOf(db.read, jobId)).toHaveLength(before.length + 1);
    expect((await getJob(db.read, jobId)).state).toBe('preparing');
  });

  test('disk jobs are not made or moved from a browser', async () => {
    const { db } = await world();
    const disk = newJob({ option: 'disk', sizeBytes: TB });
    await expect(createJob(db, as('admin', 'browser'), disk, now)).rejects.toMatchObject({
      code: 'NotManageableInConsole',
      next: expect.stringContaining('waybill job create --option disk'),
    });
    const { id: jobId } = await createJob(db, as('operator'), disk, now);
    await expect(
      act(db, as('admin', 'browser'), { jobId, action: 'cancel' }, now),
    ).rejects.toMatchObject({
      code: 'NotManageableInConsole',
    });
    expect((await act(db, as('operator'), { jobId, action: 'cancel' }, now)).state).toBe(
      'cancelled',
    );
  });

  test('what the option does not allow is not made', async () => {
    const { db } = await world();
    const make = (changes: Partial<NewJob>) => createJob(db, as('admin'), newJob(changes), now);
    await expect(make({ sizeBytes: 60 * TB })).rejects.toMatchObject({ code: 'OptionRule' });
    await expect(make({ encrypted: false })).rejects.toMatchObject({ code: 'EncryptionEnforced' });
    await expect(make({ storeId: 'none' })).rejects.toMatchObject({ code: 'NotFound' });
    expect(await listJobs(db.read, { limit: 10 })).toEqual([]);
  });

  test('a job’s token reaches its own job only', async () => {
    const { db } = await world();
    const { id: jobId } = await createJob(db, as('admin'), newJob(), now);
    const actor: Actor = { id: 'job:other', role: 'job', channel: 'token', jobId: 'JID-other' };
    await expect(act(db, actor, { jobId, action: 'cancel' }, now)).rejects.toMatchObject({
      code: 'OutOfScope',
    });
  });
});

test('a job with an open incident can be closed, and then it is', async () => {
  const { db } = await world();
  const { id: jobId } = await createJob(db, as('admin'), newJob(), now);
  await fulfil(db, jobId);
  for (const action of ['prepare', 'mark-ready', 'ship-to-site'] as const)
    await act(db, as('admin'), { jobId, action }, now);
  await expect(act(db, as('admin'), { jobId, action: 'close' }, now)).rejects.toMatchObject({
    code: 'PreconditionFailed',
  });
  const openedAt = now.toISOString();
  await db.transaction(async (tx) => {
    await tx
      .insert(incidents)
      .values({ jobId, kind: 'lost', note: '', reportedBy: 'person:1', openedAt });
  });
  const closed = await act(db, as('admin'), { jobId, action: 'close' }, now);
  expect(closed).toMatchObject({ state: 'completed', outcome: 'with-errors' });
  const [incident] = await db.read.select().from(incidents);
  expect(incident?.resolvedAt).toBe(openedAt);
});

describe('the database', () => {
  test('does all of a change or nothing, and one after the other', async () => {
    const { db } = await world();
    const failing = db.transaction(async (tx) => {
      await tx.insert(stores).values({ id: 'x', name: 'x', kind: 's3', root: '', createdAt: '' });
      throw new Error('stop');
    });
    const following = createJob(db, as('admin'), newJob(), now);
    await expect(failing).rejects.toThrow('stop');
    await following;
    expect(await db.read.select().from(stores)).toHaveLength(1);
    const many = await Promise.all(
      Array.from({ length: 20 }, () => createJob(db, as('admin'), newJob(), now)),
    );
    expect(new Set(many.map((job) => job.id)).size).toBe(20);
    expect(await verifyCustody(db.read)).toMatchObject({ entries: 21, brokenAt: undefined });
  });

  test('keeps the custody log from being changed, and a change behind its back is found', async () => {
    const { db, file } = await world();
    for (let i = 0; i < 3; i += 1) await createJob(db, as('admin'), newJob(), now);
    const change = db.transaction(async (tx) => {
      await tx.update(custody).set({ actor: 'person:else' }).where(eq(custody.seq, 2));
    });
    await expect(change).rejects.toThrow('the custody log is append-only');
    await expect(
      db.transaction(async (tx) => {
        await tx.delete(custody).where(eq(custody.seq, 2));
      }),
    ).rejects.toThrow();
    const behind = new Database(file);
    behind.exec(
      "DROP TRIGGER custody_no_update; UPDATE custody SET actor = 'person:else' WHERE seq = 2",
    );
    behind.close();
    expect(await verifyCustody(db.read)).toMatchObject({ brokenAt: 2 });
  });
});
