import type { JobDetail } from '../../../lib/api/schemas/job-schemas.ts';
import type { Actor } from '../../../lib/server/actors/actor.ts';
import type { ServerContext } from '../../../lib/server/context/server-context.ts';
import { detailOf } from '../../../lib/server/job-queries/job-detail.ts';
import type { Job } from '../../../lib/server/jobs/job.ts';

/** The job as the caller sees it after a change. */
export function jobDetailFor(
  { context, actor, now }: { context: ServerContext; actor: Actor; now: Date },
  job: Job,
): Promise<JobDetail> {
  return detailOf(context.db.read, actor, job, now);
}
