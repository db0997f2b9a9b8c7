import { expect, test } from 'vitest';
import { parseJobFilter } from '../../domain/job-filter.ts';
import { as, consoleDatabase, NOW, newJob } from '../../testing/console-database.ts';
import { listJobs } from '../job-queries/list-jobs.ts';
import { changeJob } from '../jobs/change-job.ts';
import { createJob } from '../jobs/create-job.ts';
import { keepFunction, listFunctions, removeFunction } from './function-library.ts';

const COUNT = 'export const handler = async () => ({});';
const by = as('operator');

test('a function tells which jobs have the code that it has now', async () => {
  const { db } = await consoleDatabase();
  const keep = (name: string, code: string) => keepFunction(db, by, { name, code }, NOW);
  const make = (name: string, ...codes: string[]) => {
    const steps = codes.map((code) => ({ step: 'function', code }));
    const processing = steps.length > 0 ? { steps } : null;
    return createJob(db, by, newJob({ name, option: 'snowball-edge', processing }), NOW);
  };
  const used = async () =>
    (await listFunctions(db.read)).map(({ name, jobs, openJobs }) => [name, jobs, openJobs]);
  const found = async (filter: string) => {
    const rows = await listJobs(db.read, { filters: [parseJobFilter(filter)], limit: 9 });
    return rows.map(({ name }) => name);
  };
  await keep('count', COUNT);
  await keep('copy', COUNT);
  await keep('other', `${COUNT} // other`);
  const twice = await make('twice', COUNT, COUNT);
  await make('both', COUNT, `${COUNT} // other`);
  await make('none');
  expect(await used()).toEqual([
    ['copy', 2, 2],
    ['count', 2, 2],
    ['other', 1, 1],
  ]);
  expect(await found('function = count')).toEqual(['both', 'twice']);
  expect(await found('function = other | nobody')).toEqual(['both']);
  expect(await found('function != count')).toEqual(['none']);

  // What a job has is what counts: not what it had, and not what the name stood for.
  const change = { jobId: twice.id, change: { processing: { steps: [{ step: 'gzip' }] } } };
  await changeJob(db, by, change, NOW);
  await keep('count', `${COUNT} // new`);
  expect(await used()).toEqual([
    ['copy', 1, 1],
    ['count', 0, 0],
    ['other', 1, 1],
  ]);
  await removeFunction(db, by, 'copy', NOW);
  expect(await found('function = copy')).toEqual([]);
});
