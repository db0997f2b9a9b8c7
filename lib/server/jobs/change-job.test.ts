import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { NewJob } from '../../domain/new-job.ts';
import type { RangeSum } from '../../domain/range-sum.ts';
import { TB } from '../../domain/sizes.ts';
import { as, consoleDatabase, NOW, newJob } from '../../testing/console-database.ts';
import type { Actor } from '../actors/actor.ts';
import { custodyOf } from '../custody/log.ts';
import { devices } from '../db/schema/devices.ts';
import { jobs } from '../db/schema/jobs.ts';
import { changeJob, type JobChange } from './change-job.ts';
import { createJob } from './create-job.ts';
import { getJob, type Job } from './job.ts';

const LATER = new Date(NOW.getTime() + 60_000);
const DISK: Partial<NewJob> = { option: 'disk', sizeBytes: 4 * TB };

/** A job that was asked for so, and whose row is as the change says. */
async function jobOf(asked: Partial<NewJob> = {}, row: Partial<Job> = { state: 'created' }) {
  const { db } = await consoleDatabase();
  const { id: jobId } = await createJob(db, as('operator'), newJob(asked), NOW);
  await db.transaction(async (tx) => {
    await tx.update(jobs).set(row).where(eq(jobs.id, jobId));
  });
  return { db, jobId, job: await getJob(db.read, jobId) };
}

test('writes what is asked for, and leaves everything else', async () => {
  const { db, jobId, job } = await jobOf();
  const change = { name: 'Another name', sizeBytes: 80 * TB };
  const changed = await changeJob(db, as('operator'), { jobId, change }, LATER);
  expect(changed).toEqual({ ...job, ...change });
  expect(await getJob(db.read, jobId)).toEqual(changed);
});

test('leaves other jobs as they are', async () => {
  const { db, jobId } = await jobOf();
  const other = await createJob(db, as('operator'), newJob(), NOW);
  await changeJob(db, as('operator'), { jobId, change: { name: 'Another name' } }, LATER);
  expect(await getJob(db.read, other.id)).toEqual(other);
});

test('records in the custody log what was changed, and by whom', async () => {
  const { db, jobId } = await jobOf();
  await changeJob(db, as('admin'), { jobId, change: { name: 'Another name' } }, LATER);
  expect((await custodyOf(db.read, jobId)).at(-1)).toMatchObject({
    kind: 'job.changed',
    actor: 'person:admin',
    at: LATER.toISOString(),
    detail: { name: 'Another name' },
  });
});

test('makes a customer’s disk as large as its job says now', async () => {
  const { db, jobId, job } = await jobOf(DISK);
  await changeJob(db, as('operator'), { jobId, change: { sizeBytes: 8 * TB } }, LATER);
  const [disk] = await db.read
    .select()
    .from(devices)
    .where(eq(devices.id, job.deviceId ?? ''));
  expect(disk).toMatchObject({ capacityBytes: 8 * TB });
});

const SUM: RangeSum = { objects: 1, bytes: 2, listedAt: NOW.toISOString(), parts: [] };

test('forgets what an export’s range held once the range is another', async () => {
  const { db, jobId } = await jobOf({ type: 'export' }, { rangeSum: SUM });
  const changed = await changeJob(
    db,
    as('operator'),
    { jobId, change: { rangeBegin: 'b' } },
    LATER,
  );
  expect(changed.rangeSum).toBeNull();
});

test('keeps what an export’s range held while the range is the same', async () => {
  const { db, jobId } = await jobOf({ type: 'export' }, { rangeSum: SUM });
  const changed = await changeJob(db, as('operator'), { jobId, change: { name: 'N' } }, LATER);
  expect(changed.rangeSum).toEqual(SUM);
});

interface Refusal {
  code: string;
  asked?: Partial<NewJob>;
  row?: Partial<Job>;
  change?: JobChange;
  actor?: Actor;
}

const REFUSED: [string, Refusal][] = [
  ['a job that is on its way', { code: 'JobNotChangeable', row: { state: 'preparing' } }],
  ['a job that is finished', { code: 'JobNotChangeable', row: { state: 'cancelled' } }],
  [
    'a disk job whose copy has begun',
    { code: 'JobNotChangeable', asked: DISK, row: { copyPhase: 'copying' } },
  ],
  ['somebody who only looks', { code: 'Forbidden', actor: as('viewer') }],
  ['a token of another job', { code: 'OutOfScope', actor: { ...as('admin'), jobId: 'JID-other' } }],
  [
    'a disk job in a browser',
    { code: 'NotManageableInConsole', asked: DISK, actor: as('operator', 'browser') },
  ],
  ['a size that no device has', { code: 'OptionRule', change: { sizeBytes: TB } }],
  ['to leave out encryption', { code: 'EncryptionEnforced', change: { encrypted: false } }],
  ['a store that is not there', { code: 'NotFound', change: { storeId: 'none' } }],
  ['an address that is not there', { code: 'NotFound', change: { addressId: 'none' } }],
];

for (const [title, { code, asked, row, change, actor }] of REFUSED) {
  test(`refuses ${title}, and changes nothing`, async () => {
    const { db, jobId, job } = await jobOf(asked, row);
    const request = { jobId, change: change ?? { name: 'Another name' } };
    const refused = changeJob(db, actor ?? as('operator'), request, LATER);
    await expect(refused).rejects.toMatchObject({ code });
    expect(await getJob(db.read, jobId)).toEqual(job);
    expect(await custodyOf(db.read, jobId)).toHaveLength(1);
  });
}

test('says NotFound of a job that is not there', async () => {
  const { db } = await jobOf();
  const asked = changeJob(db, as('operator'), { jobId: 'JID-none', change: {} }, LATER);
  await expect(asked).rejects.toMatchObject({ code: 'NotFound' });
});
