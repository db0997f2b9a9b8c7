import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { as } from '../../testing/console-database.ts';
import { consoleWorld, newJobBody } from '../../testing/console-world.ts';
import type { Actor } from '../actors/actor.ts';
import { custodyOf } from '../custody/log.ts';
import { jobCredentials } from '../db/schema/credentials.ts';
import { devices } from '../db/schema/devices.ts';
import { jobs } from '../db/schema/jobs.ts';
import { createJob } from '../jobs/create-job.ts';
import type { Job } from '../jobs/job.ts';
import { openJobCredentials } from './job-keys.ts';
import { stationCredentials } from './station-credentials.ts';

const NOW = new Date();
const STATION: Actor = { id: 'station:S', role: 'station', channel: 'token' };

/** A console, and a job that has the device "SB-1" and is as the change says. */
async function jobAt(change: Partial<Job>) {
  const { console: keys } = await consoleWorld();
  const { db } = keys;
  const { id: jobId } = await createJob(db, as('admin'), newJobBody(), NOW);
  await db.transaction(async (tx) => {
    await tx.insert(devices).values({
      id: 'SB-1',
      owner: 'provider',
      capacityBytes: 80e12,
      state: 'at-facility',
      jobId,
      createdAt: NOW.toISOString(),
    });
    await tx
      .update(jobs)
      .set({ deviceId: 'SB-1', ...change })
      .where(eq(jobs.id, jobId));
  });
  const [job] = await db.read.select().from(jobs).where(eq(jobs.id, jobId));
  if (!job) expect.fail('no job');
  return { keys, db, jobId, job };
}

test('gives a station the keys of the job whose device it has', async () => {
  const { keys, jobId, job } = await jobAt({ state: 'importing' });
  const given = await stationCredentials(keys, STATION, jobId, NOW);
  const { jobKey, signer } = await openJobCredentials(keys, job, NOW);
  expect(given).toMatchObject({ jobId, deviceId: 'SB-1', volumeId: job.volumeId, signer });
  expect(given.jobKey).toBe(jobKey?.toString('base64'));
});

test('records that a station got them, and no secret', async () => {
  const { keys, db, jobId } = await jobAt({ state: 'importing' });
  await stationCredentials(keys, STATION, jobId, NOW);
  expect((await custodyOf(db.read, jobId)).at(-1)).toMatchObject({
    kind: 'credentials.station',
    actor: 'station:S',
    deviceId: 'SB-1',
    detail: {},
  });
});

/** Of each state of a job whether a station gets its keys. */
const GIVEN: [string, Partial<Job>][] = [
  ['is prepared', { state: 'preparing' }],
  ['arrives with an import', { state: 'in-transit-to-facility' }],
  ['waits at the sorting', { state: 'at-sorting' }],
  ['is at the facility', { state: 'at-facility' }],
  ['is erased', { type: 'export', state: 'erasing' }],
  ['is done with and not erased yet', { state: 'completed', erased: false }],
];

for (const [title, change] of GIVEN) {
  test(`gives them while the device ${title}`, async () => {
    const { keys, jobId } = await jobAt(change);
    expect(await stationCredentials(keys, STATION, jobId, NOW)).toMatchObject({ jobId });
  });
}

const REFUSED: [string, { code: string; change: Partial<Job>; actor?: Actor }][] = [
  ['the device is at the site', { code: 'InvalidJobState', change: { state: 'at-site' } }],
  [
    'an export comes back, which nobody proves before it is there',
    { code: 'InvalidJobState', change: { type: 'export', state: 'in-transit-to-facility' } },
  ],
  ['the job is created', { code: 'InvalidJobState', change: { state: 'created' } }],
  [
    'the device was erased',
    { code: 'InvalidJobState', change: { state: 'completed', erased: true } },
  ],
  [
    'the job has no device',
    { code: 'InvalidJobState', change: { state: 'preparing', deviceId: null } },
  ],
  [
    'an administrator asks',
    { code: 'Forbidden', change: { state: 'importing' }, actor: as('admin') },
  ],
];

for (const [title, { code, change, actor = STATION }] of REFUSED) {
  test(`refuses them while ${title}; makes no keys and no entry`, async () => {
    const { keys, db, jobId } = await jobAt(change);
    const before = await custodyOf(db.read, jobId);
    const asked = stationCredentials(keys, actor, jobId, NOW);
    await expect(asked).rejects.toMatchObject({ code });
    expect(await custodyOf(db.read, jobId)).toEqual(before);
    expect(await db.read.select().from(jobCredentials)).toEqual([]);
  });
}
