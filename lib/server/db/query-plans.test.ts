import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { parseJobFilter } from '../../domain/job-filter.ts';
import { JOB_SORTS, type JobSort } from '../../domain/job-sort.ts';
import { as, consoleDatabase } from '../../testing/console-database.ts';
import { listAddresses } from '../addresses/addresses.ts';
import { custodyOf, listCustody } from '../custody/log.ts';
import { listDevices } from '../devices/device-register.ts';
import { eventsAfter } from '../events/events.ts';
import { newestEventId } from '../events/feed.ts';
import { hasOpenIncident, incidentsOf } from '../incidents/incidents.ts';
import { countJobs, countMatching, listJobs } from '../job-queries/list-jobs.ts';
import { movedByDay, onTheMove } from '../job-queries/overview.ts';
import { getJob } from '../jobs/job.ts';
import { listDeliveries } from '../notifications/deliveries.ts';
import type { Reader } from './database.ts';
import { schema } from './schema/schema.ts';

const JOBS = 5_000;

/** A console's database as it is after years: many jobs, most of them completed, a few incidents open. */
async function yearsOfJobs() {
  const { db, file } = await consoleDatabase();
  db.close();
  const raw = new Database(file);
  onTestFinished(() => void raw.close());
  const counted = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${JOBS})`;
  const at = "strftime('%Y-%m-%dT%H:%M:%fZ', '2026-01-01', '+' || i || ' minutes')";
  raw.exec(`
    INSERT INTO devices (id, owner, capacity_bytes, state, created_at)
      ${counted} SELECT 'SB-' || i, 'provider', 1, 'at-facility', ${at} FROM n WHERE i <= 500;
    INSERT INTO jobs (id, name, option, type, size_bytes, encrypted, store_id, bucket, device_id, volume_id, state,
        state_since, copy_phase, outcome, created_by, created_at)
      ${counted} SELECT 'JID' || i, 'Job ' || i, iif(i % 3, 'snowball', 'disk'), iif(i % 2, 'import', 'export'), i % 40,
        1, 'st', 'bucket' || (i % 20), 'SB-' || (i % 500 + 1), i, iif(i % 20, 'completed', 'at-site'),
        ${at}, 'sealed', iif(i % 9, 'succeeded', 'with-errors'), 'person:' || (i % 30), ${at} FROM n;
    INSERT INTO custody (seq, at, kind, job_id, device_id, actor, channel, detail, previous_hash, hash)
      ${counted} SELECT i, ${at}, 'job.transition', 'JID' || (i / 5), 'SB-' || (i % 500), 'system', 'token', '{}', i, i FROM n;
    INSERT INTO events (job_id, kind, at, detail)
      ${counted} SELECT 'JID' || (i / 5), 'job', ${at}, '{}' FROM n;
    INSERT INTO incidents (job_id, kind, note, reported_by, opened_at, resolved_at)
      ${counted} SELECT 'JID' || i, 'other', '', 'system', ${at}, iif(i % 100, ${at}, NULL) FROM n;
  `);
  // As the console does when it starts.
  raw.pragma('optimize = 0x10002');
  const asked: { sql: string; params: unknown[] }[] = [];
  const logQuery = (sql: string, params: unknown[]) => void asked.push({ sql, params });
  const read: Reader = drizzle(raw, { schema, logger: { logQuery } });
  /** The plan of every statement that a query asks, a line for each step (https://sqlite.org/eqp.html). */
  return async (query: (read: Reader) => Promise<unknown>): Promise<string[]> => {
    asked.length = 0;
    await query(read);
    return [...asked].map(({ sql, params }) =>
      raw
        .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...params)
        .map(({ detail }) => detail)
        .join('; '),
    );
  };
}

/** What is asked, and the index that the first statement of it is meant to go by. */
type Rows = [string, (read: Reader) => Promise<unknown>, string][];

/** Goes by its index, sorts nothing, and reads no table from end to end. */
async function expectPlans(rows: Rows): Promise<void> {
  const plansOf = await yearsOfJobs();
  for (const [title, query, index] of rows) {
    const [plan = ''] = await plansOf(query);
    const found = {
      byItsIndex: new RegExp(`^(SEARCH|SCAN) \\w+ USING (COVERING |)INDEX ${index}\\b`).test(plan),
      sorts: plan.includes('TEMP B-TREE'),
    };
    expect({ title, plan, ...found }).toEqual({ title, plan, byItsIndex: true, sorts: false });
  }
}

const jobsWith =
  (filter: string, page: Partial<Parameters<typeof listJobs>[1]> = {}) =>
  (read: Reader) =>
    listJobs(read, {
      filters: filter === '' ? [] : [parseJobFilter(filter)],
      limit: 25,
      ...page,
    });

test('a page of jobs that a filter finds goes by the index of its property', async () => {
  await expectPlans([
    ['state, longest first', jobsWith('state = at-site', { sort: 'since' }), 'jobs_state'],
    ['device', jobsWith('device = SB-7'), 'jobs_device'],
    ['bucket', jobsWith('bucket = bucket3'), 'jobs_bucket'],
    ['name', jobsWith('name = "Job 77"'), 'jobs_name'],
    ['size', jobsWith('size = 7B'), 'jobs_size'],
  ]);
});

/** The index of each order; those that are not here have a test of their own. */
const ORDERS: Record<Exclude<JobSort, 'attention' | 'state'>, string> = {
  created: 'jobs_created',
  name: 'jobs_name',
  option: 'jobs_option',
  type: 'jobs_type',
  outcome: 'jobs_outcome',
  copy: 'jobs_copy',
  size: 'jobs_size',
  since: 'jobs_since',
  store: 'jobs_store',
  bucket: 'jobs_bucket',
  device: 'jobs_device',
  createdBy: 'jobs_created_by',
};

test('a page far back in any order goes by the index of that order, both ways', async () => {
  await expectPlans(
    JOB_SORTS.flatMap((sort) => {
      if (sort === 'attention' || sort === 'state') return [];
      return [true, false].map((descending): Rows[number] => [
        `${sort} ${descending}`,
        jobsWith('', { sort, descending, offset: 3000 }),
        ORDERS[sort],
      ]);
    }),
  );
});

test('jobs in the order of their states are sorted within a state alone', async () => {
  const [plan] = await (await yearsOfJobs())(jobsWith('', { sort: 'state', offset: 3000 }));
  expect(plan).toContain('SCAN jobs USING COVERING INDEX jobs_state');
  expect(plan?.match(/TEMP B-TREE.*/g)).toEqual(['TEMP B-TREE FOR LAST TERM OF ORDER BY']);
});

test('the newest of a list are read from its end, without sorting', async () => {
  const plansOf = await yearsOfJobs();
  const queries: [string, (read: Reader) => Promise<unknown>, RegExp][] = [
    ['jobs', jobsWith(''), /^SCAN jobs$/],
    ['jobs before one', jobsWith('', { before: 3000 }), /^SEARCH jobs USING INTEGER PRIMARY KEY/],
    ['jobs since a day', jobsWith('created >= 2026-01-04'), /^SCAN jobs$/],
    ['custody', (read) => listCustody(read, { limit: 50 }), /^SCAN custody$/],
    [
      'custody before one',
      (read) => listCustody(read, { limit: 50, before: 4000 }),
      /^SEARCH custody USING INTEGER PRIMARY KEY \(rowid<\?\)$/,
    ],
    [
      'events after one',
      (read) => eventsAfter(read, 4000, { limit: 100 }),
      /^SEARCH events USING INTEGER PRIMARY KEY \(rowid>\?\)$/,
    ],
    ['the newest event', newestEventId, /^SCAN events$/],
    [
      'messages',
      (read) => listDeliveries(read, { limit: 50 }),
      /^SCAN notification_outbox; SEARCH/,
    ],
  ];
  for (const [title, query, expected] of queries) {
    const [plan] = await plansOf(query);
    expect([title, plan]).toEqual([title, expect.stringMatching(expected)]);
    expect([title, plan]).not.toEqual([title, expect.stringContaining('TEMP B-TREE')]);
  }
});

test('what is asked of one job or device is found by an index', async () => {
  await expectPlans([
    ['job', (read) => getJob(read, 'JID7'), 'jobs_id'],
    ['custody of a job', (read) => custodyOf(read, 'JID7'), 'custody_job'],
    [
      'a page of it',
      (read) => listCustody(read, { limit: 50, jobId: 'JID7', before: 4000 }),
      'custody_job',
    ],
    [
      'custody of a device',
      (read) => listCustody(read, { limit: 50, deviceId: 'SB-7' }),
      'custody_device',
    ],
    ['events', (read) => eventsAfter(read, 40, { jobId: 'JID7', limit: 9 }), 'events_job'],
    ['incidents', (read) => incidentsOf(read, 'JID7'), 'incidents_job'],
    ['open incidents', (read) => hasOpenIncident(read, 'JID7', 'lost'), 'incidents_(open|job)'],
  ]);
});

test('counts and lists of few go by an index', async () => {
  const now = new Date('2026-03-01T00:00:00Z');
  const inState = { filters: [parseJobFilter('state = at-site')] };
  await expectPlans([
    ['count of a filter', (read) => countMatching(read, inState), 'jobs_state'],
    ['counts of all states', countJobs, 'jobs_state'],
    ['on the move', onTheMove, 'jobs_state'],
    [
      'devices',
      (read) => listDevices(read, as('admin'), {}, { limit: 50 }),
      'sqlite_autoindex_devices_1',
    ],
    [
      'devices after one',
      (read) => listDevices(read, as('admin'), {}, { after: 'SB-3', limit: 50 }),
      'sqlite_autoindex_devices_1',
    ],
    [
      'addresses',
      (read) => listAddresses(read, { limit: 50, archived: false }),
      'addresses_archived',
    ],
  ]);
  const [moved] = await (await yearsOfJobs())((read) => movedByDay(read, now));
  expect(moved).toMatch(/^SEARCH jobs USING INDEX jobs_state \(state=\? AND state_since>\?\)/);
});

test('jobs that need attention are found by their open incidents', async () => {
  const [plan] = await (await yearsOfJobs())(jobsWith('attention = yes'));
  expect(plan).toMatch(/^SEARCH jobs USING COVERING INDEX jobs_id .*INDEX incidents_open/);
});

test('text is found by the index of three characters', async () => {
  const [plan] = await (await yearsOfJobs())(jobsWith('text : "Job 77"'));
  expect(plan).toMatch(/^SEARCH jobs USING INTEGER PRIMARY KEY .*jobs_search VIRTUAL TABLE INDEX/);
});
