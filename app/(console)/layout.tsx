import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { refusedRoutes } from '../../lib/api/refused-routes.ts';
import { currentPerson, isSetUp } from '../../lib/server/requests/current-person.ts';
import { localPath } from '../_data/local-path.ts';
import { PATH_HEADER } from '../_data/path-header.ts';
import { ConsoleProviders } from './console-providers.tsx';
import { Shell } from './shell.tsx';

/** Everything below needs a person who is signed in. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const sent = await headers();
  const person = await currentPerson();
  if (!person) {
    const here = localPath(sent.get(PATH_HEADER) ?? '/');
    const signIn = here === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(here)}`;
    redirect((await isSetUp()) ? signIn : '/setup');
  }
  return (
    <ConsoleProviders person={person} refused={refusedRoutes(person.role)}>
      <Shell person={person}>{children}</Shell>
    </ConsoleProviders>
  );
}
