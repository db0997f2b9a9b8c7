import { headers } from 'next/headers';
import { isSetUp as isInstallationSetUp } from '../startup/installation.ts';
import { runningConsole } from '../startup/running-console.ts';
import { type Person, personOfSession } from './request-actor.ts';

/** The person who looks at a page; undefined when nobody is signed in. */
export async function currentPerson(): Promise<Person | undefined> {
  // First the headers: a page that is evaluated at build time must not open the database.
  const sent = await headers();
  return personOfSession(await runningConsole(), sent);
}

/** Whether the installation has its first administrator. */
export async function isSetUp(): Promise<boolean> {
  await headers();
  return isInstallationSetUp((await runningConsole()).db.read);
}
