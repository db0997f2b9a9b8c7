import { eq } from 'drizzle-orm';
import { permits } from '../../domain/permissions.ts';
import { jobs } from '../db/schema/jobs.ts';
import { currentPerson } from '../requests/current-person.ts';
import { runningConsole } from '../startup/running-console.ts';

/** What a job is called, for whoever may see it; undefined when there is none. */
export async function jobNameOf(jobId: string): Promise<string | undefined> {
  const person = await currentPerson();
  if (!person || !permits(person.role, 'job.read')) return undefined;
  const { db } = await runningConsole();
  const [row] = await db.read.select({ name: jobs.name }).from(jobs).where(eq(jobs.id, jobId));
  return row?.name;
}
