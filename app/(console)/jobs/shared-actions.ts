import type { JobSummary } from '../../../lib/api/schemas/job-schemas.ts';
import { type ActionOffer, actionCommand, offers } from '../../../lib/domain/lifecycle-decision.ts';
import { OPTION_RULES } from '../../../lib/domain/options.ts';
import type { Role } from '../../../lib/domain/words.ts';

/** What the rules offer for a job of a list, to a person in the console. */
export function offersOf(job: JobSummary, role: Role): ActionOffer[] {
  const facts = { ...job, jobId: job.id, hasDevice: job.deviceId !== null };
  return offers(facts, { role, channel: 'browser' });
}

/** The actions that every one of the jobs allows now. */
export function sharedActions(jobs: readonly JobSummary[], role: Role): ActionOffer[] {
  const [first = [], ...rest] = jobs.map((job) =>
    offersOf(job, role).filter(({ allowed }) => allowed),
  );
  return first.filter(({ action }) =>
    rest.every((offered) => offered.some((other) => other.action === action)),
  );
}

/** The commands that do the next steps of jobs that are managed outside the console. */
export function outsideCommands(jobs: readonly JobSummary[]): string[] {
  return jobs
    .filter(({ option }) => !OPTION_RULES[option].managedInConsole)
    .flatMap((job) => offersOf(job, 'admin').map(({ action }) => actionCommand(action, job.id)));
}
