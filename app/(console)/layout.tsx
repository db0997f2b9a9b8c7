import { redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { currentPerson, isSetUp } from '../../lib/server/pages.ts';
import { PersonProvider } from '../_ui/session.tsx';
import { Shell } from './shell.tsx';

/** Everything below needs a person who is signed in. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const person = await currentPerson();
  if (!person) redirect((await isSetUp()) ? '/sign-in' : '/setup');
  return (
    <PersonProvider person={person}>
      <Shell person={person}>{children}</Shell>
    </PersonProvider>
  );
}
