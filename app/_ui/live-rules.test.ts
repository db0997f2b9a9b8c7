import { expect, test } from 'vitest';
import type { JobSummary } from '../../lib/api/schemas/job-schemas.ts';
import { effectOf, patchList } from './live-rules.ts';

const detail = { phase: 'copy', bytes: 5 };

test('progress is shown without asking for anything', () => {
  expect(effectOf({ kind: 'progress', detail })).toMatchObject({
    ...{ patch: { progress: detail }, job: false, lists: false },
  });
});

test('a change of state makes lists and the job old, a copy phase the job only', () => {
  expect(effectOf({ kind: 'job', detail: {} })).toEqual({ job: true, lists: true });
  expect(effectOf({ kind: 'copy-phase', detail: { phase: 'copying' } })).toEqual({
    ...{ patch: { copyPhase: 'copying' }, job: true, lists: false },
  });
});

test('a list that does not show the job stays the same object', () => {
  const jobs = [{ id: 'a' }, { id: 'b' }] as JobSummary[];
  const answer = { jobs, next: null };
  expect(patchList(answer, 'c', { copyPhase: 'sealed' })).toBe(answer);
  const patched = patchList(answer, 'b', { copyPhase: 'sealed' });
  expect(patched.jobs[1]).toMatchObject({ id: 'b', copyPhase: 'sealed' });
  expect(patched.jobs[0]).toBe(jobs[0]);
});
