'use client';

import { createContext, type ReactNode, use } from 'react';
import type { PersonRole } from '../../lib/domain/words.ts';

/** Who is signed in. */
export interface Person {
  id: string;
  name: string;
  email: string;
  role: PersonRole;
}

const PersonContext = createContext<Person>({ id: '', name: '', email: '', role: 'viewer' });

export function PersonProvider({ person, children }: { person: Person; children: ReactNode }) {
  return <PersonContext value={person}>{children}</PersonContext>;
}

/** The person who looks at the page. */
export function usePerson(): Person {
  return use(PersonContext);
}

/** Ends the session. */
export function useSignOut(): () => Promise<void> {
  return async () => {
    await sendAuth('/sign-out', {});
    // A full load: nothing of the session stays in the page's memory.
    window.location.assign('/sign-in');
  };
}

/** Asks the sign-in service; it answers with a status and a sentence. */
export async function sendAuth(
  path: string,
  body: Record<string, unknown>,
): Promise<{ ok: boolean; status: number; message: string }> {
  const response = await fetch(`/api/auth${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json().catch(() => ({}));
  const said = answer as { message?: unknown; error_description?: unknown };
  const message = String(said.message ?? said.error_description ?? '');
  return { ok: response.ok, status: response.status, message };
}
