import type { JobSummary } from '../../lib/api/schemas/job-schemas.ts';
import type { EventRow, Progress, ProgressSeries } from '../../lib/api/schemas/work-schemas.ts';
import { COPY_PHASES, isWord } from '../../lib/domain/words.ts';

/** What an event changes at once in what is shown, and which answers it makes old. */
interface Effect {
  patch?: Partial<Pick<JobSummary, 'progress' | 'copyPhase'>>;
  /** Answers about this job. */
  job: boolean;
  /** Lists and counts. */
  lists: boolean;
}

/** Progress carries all that is shown of it: nothing is asked for again. */
export function effectOf({ kind, detail }: Pick<EventRow, 'kind' | 'detail'>): Effect {
  if (kind === 'progress') {
    return { patch: { progress: detail as JobSummary['progress'] }, job: false, lists: false };
  }
  if (kind === 'copy-phase') {
    const { phase } = detail;
    return {
      ...(isWord(COPY_PHASES, phase) && { patch: { copyPhase: phase } }),
      job: true,
      lists: false,
    };
  }
  return { job: true, lists: true };
}

/** An answer of the list with its job changed; the same answer when it has none. */
export function patchList<T extends { jobs: readonly JobSummary[] }>(
  answer: T,
  jobId: string,
  patch: Effect['patch'],
): T {
  if (!answer.jobs.some(({ id }) => id === jobId)) return answer;
  return {
    ...answer,
    jobs: answer.jobs.map((job) => (job.id === jobId ? { ...job, ...patch } : job)),
  };
}

/** The series of a job with what was just heard of; the same ones when it is not newer. */
export function patchSeries<T extends { series: readonly ProgressSeries[] }>(
  answer: T,
  { phase, at, objects, bytes }: Progress,
): T {
  const sample = { at, objects, bytes };
  const known = answer.series.find((one) => one.phase === phase);
  if (!known) {
    return { ...answer, series: [...answer.series, { phase, stepMs: 0, samples: [sample] }] };
  }
  if ((known.samples.at(-1)?.at ?? '') >= at) return answer;
  const longer = { ...known, samples: [...known.samples, sample] };
  return { ...answer, series: answer.series.map((one) => (one === known ? longer : one)) };
}
