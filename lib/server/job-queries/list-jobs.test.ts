import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { EVERY_JOB, parseJobFilter } from '../../domain/job-filter.ts';
import { JOB_SORTS } from '../../domain/job-sort.ts';
import { TB } from '../../domain/sizes.ts';
import { as, consoleDatabase, newJob } from '../../testing/console-database.ts';
import { consoleWorld, newJobBody } from '../../testing/console-world.ts';
import { jobs } from '../db/schema/jobs.ts';
import { reportIncident } from '../incidents/incidents.ts';
import { createJob } from '../jobs/create-job.ts';
import { countMatching, listJobs } from './list-jobs.ts';

/** Four jobs, a day apart: "alpha" completed with errors, "50%" a disk, "beta" with an incident, "gamma". */
async function world() {
  const { db } = await consoleDatabase();
  const make = (name: string, day: number, changes = {}) =>
    createJob(
      db,
      as('operator'),
      newJob({ name, ...changes }),
      new Date(`2026-03-0${day}T12:00:00Z`),
    );
  const alpha = await make('alpha', 1, { bucket: 'archive' });
  await make('50%', 2, { option: 'disk', sizeBytes: 4 * TB });
  const beta = await make('beta', 3, { type: 'export' });
  await make('gamma', 4, { sizeBytes: 80 * TB });
  await db.transaction(async (tx) => {
    const done = { state: 'completed', outcome: 'with-errors', deviceId: 'DEV-1' } as const;
    await tx.update(jobs).set(done).where(eq(jobs.id, alpha.id));
  });
  const incident = { jobId: beta.id, kind: 'other', note: '' } as const;
  await reportIncident(db, as('facility'), incident, new Date('2026-03-05T00:00:00Z'));
  return db.read;
}

test('a filter finds what it says, and the count is of the same jobs', async () => {
  const db = await world();
  const cases: [string, string[]][] = [
    ['', ['gamma', 'beta', '50%', 'alpha']],
    ['state = completed', ['alpha']],
    ['state != completed', ['gamma', 'beta', '50%']],
    ['state = completed | created', ['gamma', 'beta', '50%', 'alpha']],
    ['outcome != succeeded', ['gamma', 'beta', '50%', 'alpha']],
    ['outcome = with-errors or type = export', ['beta', 'alpha']],
    ['attention = yes', ['beta']],
    ['attention = no', ['gamma', '50%', 'alpha']],
    ['attention = yes | no', ['gamma', 'beta', '50%', 'alpha']],
    ['attention != yes | no', []],
    ['option = disk', ['50%']],
    ['name : "%"', ['50%']],
    ['name : "_"', []],
    ['name !: a', ['50%']],
    ['name : ALPH', ['alpha']],
    ['name = beta | gamma', ['gamma', 'beta']],
    ['device : DEV', ['alpha']],
    ['device !: DEV', ['gamma', 'beta', '50%']],
    ['text : archive | gamm', ['gamma', 'alpha']],
    ['text !: archive', ['gamma', 'beta', '50%']],
    ['store = st and bucket = archive', ['alpha']],
    ['function = count', []],
    ['function != count', ['gamma', 'beta', '50%', 'alpha']],
    ['createdBy = "person:operator" and created >= 2026-03-03', ['gamma', 'beta']],
    ['created > 2026-03-03', ['gamma']],
    ['created <= 2026-03-02', ['50%', 'alpha']],
    ['created < 2026-03-02', ['alpha']],
    ['size >= 50TB', ['gamma', 'beta', 'alpha']],
    ['size = 4TB | 80TB', ['gamma', '50%']],
    ['size < 50TB', ['50%']],
    ['since >= 2026-03-04T12:00:00Z', ['gamma']],
    ['copy = not-started and name != gamma', ['beta', '50%', 'alpha']],
    [`name = "'; drop table jobs; --"`, []],
  ];
  for (const [text, names] of cases) {
    const filters = [parseJobFilter(text)];
    const found = await listJobs(db, { filters, limit: 9 });
    expect({ text, names: found.map(({ name }) => name) }).toEqual({ text, names });
    expect({ text, count: await countMatching(db, { filters }) }).toEqual({
      text,
      count: names.length,
    });
  }
});

test('pages of any order hold every job once', async () => {
  const db = await world();
  for (const sort of JOB_SORTS) {
    for (const descending of [true, false]) {
      const query = { filters: [EVERY_JOB], sort, descending, limit: 1 };
      const pages = await Promise.all(
        [0, 1, 2, 3, 4].map((offset) => listJobs(db, { ...query, offset })),
      );
      const names = pages.flat().map(({ name }) => name);
      expect([...names].sort()).toEqual(['50%', 'alpha', 'beta', 'gamma']);
      if (sort === 'name')
        expect(names).toEqual(descending ? [...names].sort().reverse() : [...names].sort());
    }
  }
});

test('the API pages by number with a total, and by cursor', async () => {
  const { as: client } = await consoleWorld();
  const operator = await client('operator');
  for (const name of ['a', 'b', 'c', 'd', 'e'])
    await operator.call('createJob', { body: newJobBody({ name }) });
  const query = { filter: 'name != c', sort: 'name', order: 'ascending', limit: 3 } as const;
  const first = await operator.call('listJobs', { query: { ...query, page: 1 } });
  const second = await operator.call('listJobs', { query: { ...query, page: 2 } });
  expect(first.jobs.map(({ name }) => name)).toEqual(['a', 'b', 'd']);
  expect(second.jobs.map(({ name }) => name)).toEqual(['e']);
  expect([first.total, second.total]).toEqual([4, 4]);
  const newest = await operator.call('listJobs', { query: { limit: 3 } });
  const rest = await operator.call('listJobs', { query: { limit: 3, before: newest.next ?? 0 } });
  expect([...newest.jobs, ...rest.jobs].map(({ name }) => name).join('')).toBe('edcba');
  expect([newest.total, rest.next]).toEqual([null, null]);
  await expect(
    operator.call('listJobs', { query: { filter: 'colour = red' } }),
  ).rejects.toMatchObject({ code: 'FilterInvalid', next: expect.stringContaining('state = ') });
});

test('the export holds every job of the filter, and no formula', async () => {
  const { as: client } = await consoleWorld();
  const operator = await client('operator');
  const names = ['=1+1', 'plain', 'with "quotes", commas', 'left out'];
  for (const name of names) await operator.call('createJob', { body: newJobBody({ name }) });
  const query = { filter: 'name != "left out"', sort: 'name', order: 'ascending' } as const;
  const answer = await operator.call('exportJobs', { query });
  expect(answer.headers.get('content-disposition')).toContain('jobs.csv');
  const lines = (await answer.text()).split('\r\n');
  expect(lines[0]).toMatch(/^id,name,state,/);
  expect(lines.slice(1).map((line) => line.slice(40, 52))).toEqual([
    ...["'=1+1,create", 'plain,create', '"with ""quot', ''],
  ]);
});

test('an action on many jobs is told for each: done, or why not', async () => {
  const { as: client, browser } = await consoleWorld();
  const operator = await client('operator');
  const made = [];
  for (const name of ['one', 'two'])
    made.push((await operator.call('createJob', { body: newJobBody({ name }) })).id);
  const disk = newJobBody({ name: 'disk', option: 'disk', sizeBytes: TB });
  made.push((await operator.call('createJob', { body: disk })).id);
  await operator.call('actOnJob', { params: { jobId: made[1] ?? '' }, body: { action: 'cancel' } });
  const page = await browser('operator');
  const { results } = await page.call('actOnJobs', {
    body: { action: 'cancel', jobIds: [...made, 'JID-none', made[0] ?? ''] },
  });
  expect(results.map(({ state, error }) => error?.code ?? state)).toEqual([
    ...['cancelled', 'InvalidJobState', 'NotManageableInConsole', 'NotFound'],
  ]);
  expect(results.every(({ error }) => error?.next !== '')).toBe(true);
  const { entries } = await operator.call('jobCustody', { params: { jobId: made[0] ?? '' } });
  expect(entries.filter(({ kind }) => kind === 'job.transition')).toHaveLength(1);
});

test('jobs that need attention come first or last, over pages too', async () => {
  const db = await world();
  const names = async (query: object) =>
    (await listJobs(db, { limit: 50, ...query })).map(({ name }) => name);
  const sort = 'attention';
  expect(await names({ sort })).toEqual(['beta', 'gamma', '50%', 'alpha']);
  expect(await names({ sort, descending: false })).toEqual(['gamma', '50%', 'alpha', 'beta']);
  const pages = async (descending: boolean) => [
    ...(await names({ sort, descending, limit: 2 })),
    ...(await names({ sort, descending, limit: 2, offset: 2 })),
  ];
  expect(await pages(true)).toEqual(await names({ sort }));
  expect(await pages(false)).toEqual(await names({ sort, descending: false }));
});

test('jobs are found by the name of who made them, and say it', async () => {
  const { as: sign } = await consoleWorld();
  const [admin, operator] = [await sign('admin'), await sign('operator')];
  await operator.call('createJob', { body: newJobBody() });
  await admin.call('createJob', { body: newJobBody() });
  const makers = async (filter: string) => {
    const found = await admin.call('listJobs', { query: { filter } });
    return found.jobs.map(({ createdByName }) => createdByName);
  };
  expect(await makers('createdBy = operator')).toEqual(['operator']);
  expect(await makers('createdBy != operator')).toEqual(['admin']);
  expect(await makers('createdBy : PERAT')).toEqual(['operator']);
  expect(await makers('createdBy !: perat | nobody')).toEqual(['admin']);
  expect(await makers('createdBy = "nobody"')).toEqual([]);
});
