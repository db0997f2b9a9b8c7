import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { NewJob } from '../../domain/new-job.ts';
import { TB } from '../../domain/sizes.ts';
import { as, consoleDatabase, NOW, newJob } from '../../testing/console-database.ts';
import type { Actor } from '../actors/actor.ts';
import { custodyOf } from '../custody/log.ts';
import type { ConsoleDatabase } from '../db/database.ts';
import { custody } from '../db/schema/custody.ts';
import { devices } from '../db/schema/devices.ts';
import { events } from '../db/schema/events.ts';
import { jobs } from '../db/schema/jobs.ts';
import { createJob } from './create-job.ts';
import { getJob } from './job.ts';

const DISK: Partial<NewJob> = { option: 'disk', sizeBytes: 4 * TB };

/** Whether anything is there of jobs. */
const rowsOf = async ({ read }: ConsoleDatabase) => ({
  jobs: await read.select().from(jobs),
  devices: await read.select().from(devices),
  custody: await read.select().from(custody),
  events: await read.select().from(events),
});

test('writes what was asked for, created, by whom and when', async () => {
  const { db } = await consoleDatabase();
  const asked = newJob({ prefix: 'in/', overwritePolicy: 'always' });
  const { id } = await createJob(db, as('operator'), asked, NOW);
  expect(await getJob(db.read, id)).toMatchObject({
    ...asked,
    state: 'created',
    copyPhase: 'not-started',
    outcome: null,
    createdBy: 'person:operator',
    createdAt: NOW.toISOString(),
    stateSince: NOW.toISOString(),
  });
});

test('gives every job an id and a volume of its own', async () => {
  const { db } = await consoleDatabase();
  const one = await createJob(db, as('operator'), newJob(), NOW);
  const two = await createJob(db, as('operator'), newJob(), NOW);
  expect(one.id).toMatch(/^JID[0-9a-f]{8}-[0-9a-f-]{27}$/);
  expect([two.id === one.id, two.volumeId === one.volumeId]).toEqual([false, false]);
});

test('records in the custody log what the job is', async () => {
  const { db } = await consoleDatabase();
  const { id } = await createJob(db, as('operator'), newJob(), NOW);
  expect(await custodyOf(db.read, id)).toMatchObject([
    {
      kind: 'job.created',
      actor: 'person:operator',
      detail: { name: 'A job', option: 'snowball', type: 'import', sizeBytes: 50 * TB },
    },
  ]);
});

test('tells it in the feed of events', async () => {
  const { db } = await consoleDatabase();
  const { id: jobId } = await createJob(db, as('operator'), newJob(), NOW);
  const told = await db.read.select().from(events);
  expect(told).toMatchObject([{ jobId, kind: 'job', detail: { state: 'created' } }]);
});

test('knows a customer’s disk by its id from then on', async () => {
  const { db } = await consoleDatabase();
  const { id, deviceId } = await createJob(db, as('operator'), newJob(DISK), NOW);
  expect(deviceId).toBe(`DISK-${id.slice(3, 11)}`);
  const [disk] = await db.read
    .select()
    .from(devices)
    .where(eq(devices.id, deviceId ?? ''));
  expect(disk).toMatchObject({
    owner: 'customer',
    state: 'reserved',
    jobId: id,
    capacityBytes: 4 * TB,
  });
});

test('gives an appliance job no device yet', async () => {
  const { db } = await consoleDatabase();
  const before = await db.read.select().from(devices);
  expect(await createJob(db, as('operator'), newJob(), NOW)).toMatchObject({ deviceId: null });
  expect(await db.read.select().from(devices)).toEqual(before);
});

const GZIP = { steps: [{ step: 'gzip' }] };

const NOBODY = { targetIds: ['none'], notifyAll: true, states: [], attention: true };

/** What is refused: a title, the code, the job, and who asks where it is not an operator with a token. */
const REFUSED: [string, string, Partial<NewJob>, Actor?][] = [
  ['somebody who only looks', 'Forbidden', {}, as('viewer')],
  ['a facility, which makes no jobs', 'Forbidden', {}, as('facility')],
  ['a token of a job', 'OutOfScope', {}, { ...as('operator'), jobId: 'JID-other' }],
  ['a disk job in a browser', 'NotManageableInConsole', DISK, as('operator', 'browser')],
  ['a store that is not there', 'NotFound', { storeId: 'none' }],
  ['an address that is not there', 'NotFound', { addressId: 'none' }],
  ['a target of messages that is not there', 'NotFound', { notification: NOBODY }],
  ['a size that no device has', 'OptionRule', { sizeBytes: 1 * TB }],
  ['more than the largest device', 'SizeOverLimit', { sizeBytes: 100 * TB }],
  ['an appliance without encryption', 'EncryptionEnforced', { encrypted: false }],
  ['processing where it is not offered', 'ProcessingNotOffered', { processing: GZIP }],
  ['a key range of an import', 'OptionRule', { rangeBegin: 'a' }],
];

for (const [title, code, changes, actor = as('operator')] of REFUSED) {
  test(`refuses ${title}, and writes nothing`, async () => {
    const { db } = await consoleDatabase();
    const before = await rowsOf(db);
    const asked = createJob(db, actor, newJob(changes), NOW);
    await expect(asked).rejects.toMatchObject({ code });
    expect(await rowsOf(db)).toEqual(before);
  });
}
