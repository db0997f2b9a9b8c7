import type { PackedError } from './packed-error.ts';

/** What a thread sends: an answer to one job, to `finish`, a note on the way, or the error that ended it. */
export type FromThread<Result, Note> =
  | { type: 'done'; result: Result }
  | { type: 'finished' }
  | { type: 'note'; note: Note }
  | { type: 'failed'; error: PackedError };
export type ToThread<Job> = { type: 'job'; job: Job } | { type: 'finish' };
