'use client';

import { createContext, type ReactNode, use } from 'react';
import type { RefusedRoutes } from '../../lib/api/refused-routes.ts';
import type { PersonRole } from '../../lib/domain/words.ts';

/** Who is signed in. */
export interface Person {
  id: string;
  name: string;
  email: string;
  role: PersonRole;
}

const RefusedContext = createContext<RefusedRoutes>({});
const PersonContext = createContext<Person>({ id: '', name: '', email: '', role: 'viewer' });

interface PersonProviderProps {
  person: Person;
  /** What the person's role may not ask the API for. */
  refused: RefusedRoutes;
  children: ReactNode;
}

export function PersonProvider({ person, refused, children }: PersonProviderProps) {
  return (
    <PersonContext value={person}>
      <RefusedContext value={refused}>{children}</RefusedContext>
    </PersonContext>
  );
}

/** The person who looks at the page. */
export function usePerson(): Person {
  return use(PersonContext);
}

/** What the person's role may not ask the API for. */
export function useRefusedRoutes(): RefusedRoutes {
  return use(RefusedContext);
}

/** Ends the session. */
export function useSignOut(): () => Promise<void> {
  return async () => {
    await sendAuth('/sign-out', {});
    // A full load: nothing of the session stays in the page's memory.
    window.location.assign('/sign-in');
  };
}

/** What the sign-in service said; status 0 when it did not answer. */
interface AuthAnswer {
  ok: boolean;
  status: number;
  message: string;
}

/** Asks the sign-in service: a change with a body, a question without. It never throws. */
export async function sendAuth(path: string, body?: Record<string, unknown>): Promise<AuthAnswer> {
  const headers = { 'content-type': 'application/json' };
  const change = { method: 'POST', headers, body: JSON.stringify(body) };
  try {
    const response = await fetch(`/api/auth${path}`, body === undefined ? {} : change);
    const answer: unknown = await response.json().catch(() => ({}));
    const failure = (answer ?? {}) as { message?: unknown; error_description?: unknown };
    const message = String(failure.message ?? failure.error_description ?? '');
    return { ok: response.ok, status: response.status, message };
  } catch {
    return { ok: false, status: 0, message: 'The console does not answer. Try again.' };
  }
}
