import { eq } from 'drizzle-orm';
import { headers } from 'next/headers';
import { permits } from '../../domain/permissions.ts';
import { jobs } from '../db/schema/schema.ts';
import { isSetUp as isInstallationSetUp } from '../startup/installation.ts';
import { runningConsole } from '../startup/running-console.ts';
import { type Person, personOfSession } from './request-actor.ts';

/** The person who looks at a page; undefined when nobody is signed in. */
export async function currentPerson(): Promise<Person | undefined> {
  // First the headers: a page that is evaluated at build time must not open the database.
  const sent = await headers();
  return personOfSession(await runningConsole(), sent);
}

/** What a job is called, for whoever may see it; undefined when there is none. */
export async function jobNameOf(jobId: string): Promise<string | undefined> {
  const person = await currentPerson();
  if (!person || !permits(person.role, 'job.read')) return undefined;
  const { db } = await runningConsole();
  const [row] = await db.read.select({ name: jobs.name }).from(jobs).where(eq(jobs.id, jobId));
  return row?.name;
}

/** Whether the installation has its first administrator. */
export async function isSetUp(): Promise<boolean> {
  await headers();
  return isInstallationSetUp((await runningConsole()).db.read);
}
