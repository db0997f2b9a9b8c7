import { expect, test } from 'vitest';
import type { JobSummary } from '../../lib/api/schemas/job-schemas.ts';
import { effectOf, patchList, patchSeries } from './live-rules.ts';

const detail = { phase: 'copy', bytes: 5 };

test('progress is shown without asking for anything', () => {
  expect(effectOf({ kind: 'progress', detail })).toMatchObject({
    patch: { progress: detail },
    job: false,
    lists: false,
  });
});

test('a change of state makes lists and the job old, a copy phase the job only', () => {
  expect(effectOf({ kind: 'job', detail: {} })).toEqual({ job: true, lists: true });
  expect(effectOf({ kind: 'copy-phase', detail: { phase: 'copying' } })).toEqual({
    patch: { copyPhase: 'copying' },
    job: true,
    lists: false,
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

test('a chart grows by what is heard, in its phase, once', () => {
  const heard = (second: number, phase: 'copy' | 'verify' = 'copy') => ({
    phase,
    at: `2026-01-01T00:00:0${second}.000Z`,
    objects: second,
    bytes: second * 10,
    totalObjects: 9,
    totalBytes: 90,
    skipped: 0,
    failed: 0,
  });
  const one = patchSeries({ series: [] }, heard(1));
  const two = patchSeries(one, heard(3));
  expect(two.series).toMatchObject([{ phase: 'copy', samples: [{ bytes: 10 }, { bytes: 30 }] }]);
  expect(patchSeries(two, heard(2))).toBe(two);
  expect(patchSeries(two, heard(4, 'verify')).series).toHaveLength(2);
});
