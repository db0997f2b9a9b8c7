import { asc, eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { TB } from '../../domain/sizes.ts';
import { as, consoleDatabase, NOW, newJob } from '../../testing/console-database.ts';
import { custodyOf } from '../custody/log.ts';
import type { ConsoleDatabase } from '../db/database.ts';
import { devices } from '../db/schema/devices.ts';
import { events } from '../db/schema/events.ts';
import { jobs } from '../db/schema/jobs.ts';
import { shipments } from '../db/schema/shipments.ts';
import { accessTokens } from '../db/schema/tokens.ts';
import { assignDevice } from '../devices/assign-device.ts';
import { incidentsOf, reportIncident } from '../incidents/incidents.ts';
import { createJob } from '../jobs/create-job.ts';
import { getJob, type Job } from '../jobs/job.ts';
import { createToken } from '../people/tokens.ts';
import { act } from './transitions.ts';

const LATER = new Date(NOW.getTime() + 60_000);

/** A job that has the device "DEV-1" and is as the change says. */
async function jobWithDevice(change: Partial<Job> = { state: 'created' }) {
  const { db } = await consoleDatabase();
  const { id: jobId } = await createJob(db, as('operator'), newJob(), NOW);
  await assignDevice(db, as('facility'), { jobId, deviceId: 'DEV-1' }, NOW);
  await db.transaction(async (tx) => {
    await tx.update(jobs).set(change).where(eq(jobs.id, jobId));
  });
  return { db, jobId };
}

const deviceOf = async ({ read }: ConsoleDatabase) =>
  (await read.select().from(devices).where(eq(devices.id, 'DEV-1')))[0];

const shipmentsOf = ({ read }: ConsoleDatabase, jobId: string) =>
  read.select().from(shipments).where(eq(shipments.jobId, jobId)).orderBy(asc(shipments.id));

/** All that an action may write. */
const everything = async (db: ConsoleDatabase, jobId: string) => ({
  job: await getJob(db.read, jobId),
  device: await deviceOf(db),
  shipments: await shipmentsOf(db, jobId),
  custody: await custodyOf(db.read, jobId),
  events: await db.read.select().from(events),
  incidents: await incidentsOf(db.read, jobId),
});

test('writes the state that the table says, and since when', async () => {
  const { db, jobId } = await jobWithDevice();
  const before = await getJob(db.read, jobId);
  const changed = await act(db, as('facility'), { jobId, action: 'prepare' }, LATER);
  expect(await getJob(db.read, jobId)).toEqual({
    ...before,
    state: 'preparing',
    stateSince: LATER.toISOString(),
  });
  expect(changed).toEqual(await getJob(db.read, jobId));
});

test('leaves other jobs and their devices as they were', async () => {
  const { db, jobId } = await jobWithDevice();
  const { id: other } = await createJob(db, as('operator'), newJob(), NOW);
  const before = await getJob(db.read, other);
  await act(db, as('operator'), { jobId, action: 'cancel' }, LATER);
  expect(await getJob(db.read, other)).toEqual(before);
  expect(await custodyOf(db.read, other)).toHaveLength(1);
});

test('records one custody entry: who, from where to where, of which device, and the note', async () => {
  const { db, jobId } = await jobWithDevice();
  await act(db, as('facility'), { jobId, action: 'prepare', note: 'shelf 4' }, LATER);
  const transitions = (await custodyOf(db.read, jobId)).filter(
    ({ kind }) => kind === 'job.transition',
  );
  expect(transitions).toMatchObject([
    {
      at: LATER.toISOString(),
      actor: 'person:facility',
      channel: 'token',
      deviceId: 'DEV-1',
      detail: { action: 'prepare', from: 'created', to: 'preparing', note: 'shelf 4' },
    },
  ]);
});

test('tells it in the feed of events', async () => {
  const { db, jobId } = await jobWithDevice();
  await act(db, as('facility'), { jobId, action: 'prepare' }, LATER);
  const last = (await db.read.select().from(events).orderBy(asc(events.id))).at(-1);
  expect(last).toMatchObject({
    jobId,
    kind: 'job',
    detail: { state: 'preparing', action: 'prepare' },
  });
});

test('places the device where the state of its job means', async () => {
  const { db, jobId } = await jobWithDevice({ state: 'ready-to-ship', devicePrepared: true });
  await act(db, as('facility'), { jobId, action: 'ship-to-site' }, LATER);
  expect(await deviceOf(db)).toMatchObject({ state: 'in-transit', jobId });
});

test('leaves a device that is set aside where it is', async () => {
  const { db, jobId } = await jobWithDevice({ state: 'in-transit-to-site', devicePrepared: true });
  await reportIncident(db, as('facility'), { jobId, kind: 'lost', note: '' }, NOW);
  await act(db, as('operator'), { jobId, action: 'deliver' }, LATER);
  expect(await deviceOf(db)).toMatchObject({ state: 'lost', jobId });
});

/** Of each refusal: who asks for what of which job, and the code. */
const REFUSED: [
  string,
  {
    code: string;
    change?: Partial<Job>;
    actor?: ReturnType<typeof as>;
    request: Omit<Parameters<typeof act>[2], 'jobId'>;
  },
][] = [
  [
    'an action that has to wait',
    {
      code: 'PreconditionFailed',
      change: { state: 'preparing' },
      request: { action: 'mark-ready' },
    },
  ],
  ['an action of another state', { code: 'InvalidJobState', request: { action: 'deliver' } }],
  [
    'any action on a job that is finished',
    { code: 'InvalidJobState', change: { state: 'completed' }, request: { action: 'cancel' } },
  ],
  [
    'an action of another role',
    { code: 'Forbidden', actor: as('operator'), request: { action: 'prepare' } },
  ],
  [
    'somebody who only looks',
    { code: 'Forbidden', actor: as('viewer'), request: { action: 'cancel' } },
  ],
  [
    'a token of another job',
    {
      code: 'OutOfScope',
      actor: { ...as('operator'), jobId: 'JID-other' },
      request: { action: 'cancel' },
    },
  ],
  [
    'tamper seals with what is no arrival',
    { code: 'BadRequest', request: { action: 'prepare', sealNumbers: ['1'] } },
  ],
  [
    'an import that nobody reported, as completed',
    {
      code: 'PreconditionFailed',
      change: { state: 'importing' },
      request: { action: 'complete' },
    },
  ],
  [
    'to close a job without an incident',
    { code: 'PreconditionFailed', change: { state: 'at-site' }, request: { action: 'close' } },
  ],
];

for (const [title, { code, change, actor = as('facility'), request }] of REFUSED) {
  test(`refuses ${title}, and changes nothing`, async () => {
    const { db, jobId } = await jobWithDevice(change);
    const before = await everything(db, jobId);
    const asked = act(db, actor, { ...request, jobId }, LATER);
    await expect(asked).rejects.toMatchObject({ code });
    expect(await everything(db, jobId)).toEqual(before);
  });
}

test('refuses in a browser a disk job, which is managed elsewhere', async () => {
  const { db } = await consoleDatabase();
  const disk = newJob({ option: 'disk', sizeBytes: TB });
  const { id: jobId } = await createJob(db, as('operator'), disk, NOW);
  const asked = act(db, as('operator', 'browser'), { jobId, action: 'cancel' }, LATER);
  await expect(asked).rejects.toMatchObject({ code: 'NotManageableInConsole' });
  expect(await getJob(db.read, jobId)).toMatchObject({ state: 'created' });
});

test('says NotFound of a job that is not there', async () => {
  const { db } = await consoleDatabase();
  const asked = act(db, as('admin'), { jobId: 'JID-none', action: 'cancel' }, LATER);
  await expect(asked).rejects.toMatchObject({ code: 'NotFound' });
});

test('of two that do the same at once one does it, and the log has one entry of it', async () => {
  const { db, jobId } = await jobWithDevice();
  const prepare = () => act(db, as('facility'), { jobId, action: 'prepare' }, LATER);
  const [first, second] = await Promise.allSettled([prepare(), prepare()]);
  expect(first).toMatchObject({ status: 'fulfilled' });
  expect(second).toMatchObject({ status: 'rejected', reason: { code: 'InvalidJobState' } });
  const kinds = (await custodyOf(db.read, jobId)).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'job.transition')).toHaveLength(1);
});

test('writes a shipment for a way, with what was said of it', async () => {
  const { db, jobId } = await jobWithDevice({ state: 'ready-to-ship', devicePrepared: true });
  const shipment = {
    carrier: 'Post',
    service: 'Express',
    trackingNumber: 'T-1',
    sealNumbers: ['0017'],
  };
  await act(db, as('facility'), { jobId, action: 'ship-to-site', shipment }, LATER);
  expect(await shipmentsOf(db, jobId)).toMatchObject([
    {
      ...shipment,
      leg: 'to-site',
      handedOverBy: 'person:facility',
      shippedAt: LATER.toISOString(),
      arrivedAt: null,
    },
  ]);
});

test('takes the shipping service that the job asked for where none was named', async () => {
  const { db, jobId } = await jobWithDevice({
    state: 'ready-to-ship',
    devicePrepared: true,
    shippingService: 'next-day',
  });
  await act(db, as('facility'), { jobId, action: 'ship-to-site' }, LATER);
  expect(await shipmentsOf(db, jobId)).toMatchObject([{ carrier: '', service: 'Next day' }]);
});

test('writes no shipment for an action that moves nothing', async () => {
  const { db, jobId } = await jobWithDevice();
  const shipment = { carrier: 'Post' };
  await act(db, as('facility'), { jobId, action: 'prepare', shipment }, LATER);
  expect(await shipmentsOf(db, jobId)).toEqual([]);
});

test('an arrival ends the way that the device is on', async () => {
  const { db, jobId } = await jobWithDevice({ state: 'ready-to-ship', devicePrepared: true });
  await act(db, as('facility'), { jobId, action: 'ship-to-site' }, NOW);
  await act(db, as('operator'), { jobId, action: 'deliver' }, LATER);
  expect(await shipmentsOf(db, jobId)).toMatchObject([{ arrivedAt: LATER.toISOString() }]);
});

/** An import at the facility whose device left with a tamper seal that nobody compared. */
async function uncompared() {
  const { db, jobId } = await jobWithDevice({ state: 'at-facility', devicePrepared: true });
  await db.transaction(async (tx) => {
    const at = NOW.toISOString();
    await tx.insert(shipments).values({
      jobId,
      leg: 'to-facility',
      carrier: 'Post',
      sealNumbers: ['0017'],
      handedOverBy: 'person:operator',
      shippedAt: at,
      arrivedAt: at,
    });
  });
  return { db, jobId };
}

test('refuses to begin an import whose tamper seals nobody compared', async () => {
  const { db, jobId } = await uncompared();
  const asked = act(db, as('facility'), { jobId, action: 'start-import' }, LATER);
  await expect(asked).rejects.toMatchObject({
    code: 'PreconditionFailed',
    message: expect.stringContaining('0017'),
  });
  expect(await getJob(db.read, jobId)).toMatchObject({ state: 'at-facility' });
});

test('names in the log the tamper seals without whose comparison an import was begun', async () => {
  const { db, jobId } = await uncompared();
  const request = { jobId, action: 'start-import', withoutSealComparison: true } as const;
  await act(db, as('facility'), request, LATER);
  const last = (await custodyOf(db.read, jobId)).at(-1);
  expect(last?.detail).toMatchObject({ to: 'importing', sealsNotCompared: ['0017'] });
});

/** A job whose device was lost on its way. */
async function lost() {
  const { db, jobId } = await jobWithDevice({ state: 'in-transit-to-site', devicePrepared: true });
  await reportIncident(db, as('facility'), { jobId, kind: 'lost', note: '' }, NOW);
  return { db, jobId };
}

test('a job that is closed ends with errors', async () => {
  const { db, jobId } = await lost();
  await act(db, as('facility'), { jobId, action: 'close' }, LATER);
  expect(await getJob(db.read, jobId)).toMatchObject({
    state: 'completed',
    outcome: 'with-errors',
  });
});

test('a job that is cancelled has no outcome', async () => {
  const { db, jobId } = await jobWithDevice();
  await act(db, as('operator'), { jobId, action: 'cancel' }, LATER);
  expect(await getJob(db.read, jobId)).toMatchObject({ state: 'cancelled', outcome: null });
});

test('the end of a job resolves its incidents', async () => {
  const { db, jobId } = await lost();
  await act(db, as('facility'), { jobId, action: 'close' }, LATER);
  expect(await incidentsOf(db.read, jobId)).toMatchObject([{ resolvedAt: LATER.toISOString() }]);
});

test('the end of a job takes back its tokens, and no others', async () => {
  const { db, jobId } = await lost();
  const token = (subject: string) => ({ kind: 'job', name: 'm', subject, role: 'job' }) as const;
  await createToken(db, as('operator'), token(jobId), NOW);
  await createToken(db, as('operator'), token('JID-other'), NOW);
  await act(db, as('facility'), { jobId, action: 'close' }, LATER);
  const kept = await db.read.select().from(accessTokens);
  expect(Object.fromEntries(kept.map((row) => [row.subject, row.revokedAt]))).toEqual({
    [jobId]: LATER.toISOString(),
    'JID-other': null,
  });
});

test('an action before the end leaves incidents and tokens as they are', async () => {
  const { db, jobId } = await lost();
  const token = { kind: 'job', name: 'm', subject: jobId, role: 'job' } as const;
  await createToken(db, as('operator'), token, NOW);
  await act(db, as('operator'), { jobId, action: 'deliver' }, LATER);
  expect(await incidentsOf(db.read, jobId)).toMatchObject([{ resolvedAt: null }]);
  expect(await db.read.select().from(accessTokens)).toMatchObject([{ revokedAt: null }]);
});

test('a job that ends before its device was written to leaves it free', async () => {
  const { db, jobId } = await jobWithDevice();
  await act(db, as('operator'), { jobId, action: 'cancel' }, LATER);
  expect(await deviceOf(db)).toMatchObject({ state: 'available', jobId: null });
});

test('a job that ends keeps its device while something may lie on it', async () => {
  const { db, jobId } = await jobWithDevice({ state: 'preparing', devicePrepared: true });
  await act(db, as('facility'), { jobId, action: 'cancel' }, LATER);
  expect(await deviceOf(db)).toMatchObject({ state: 'at-facility', jobId });
});
