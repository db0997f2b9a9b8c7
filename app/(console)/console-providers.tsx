'use client';

import { I18nProvider } from '@cloudscape-design/components/i18n';
import messages from '@cloudscape-design/components/i18n/messages/all.en.json';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { RefusedRoutes } from '../../lib/api/refused-routes.ts';
import { isWaybillError } from '../../lib/domain/errors.ts';
import { type Person, PersonProvider } from '../_data/session.tsx';
import { NoticesProvider } from '../_ui/notices.tsx';

const FRESH_MS = 5_000;

/** A session that has ended leaves nothing to see here: after signing in again, the page is shown again. */
function leaveWithoutSession(error: unknown): void {
  if (!isWaybillError(error, 'NotSignedIn')) return;
  const { pathname, search } = window.location;
  window.location.assign(`/sign-in?next=${encodeURIComponent(pathname + search)}`);
}

interface ConsoleProvidersProps {
  person: Person;
  refused: RefusedRoutes;
  children: ReactNode;
}

/** What the pages need that come after signing in: texts of the design system, the cache of the API's answers, notices. */
export function ConsoleProviders({ person, refused, children }: ConsoleProvidersProps) {
  const [queries] = useState(
    () =>
      new QueryClient({
        queryCache: new QueryCache({ onError: leaveWithoutSession }),
        defaultOptions: { queries: { staleTime: FRESH_MS, retry: 1 } },
      }),
  );
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <QueryClientProvider client={queries}>
        <NoticesProvider>
          <PersonProvider person={person} refused={refused}>
            {children}
          </PersonProvider>
        </NoticesProvider>
      </QueryClientProvider>
    </I18nProvider>
  );
}
