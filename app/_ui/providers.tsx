'use client';

import { I18nProvider } from '@cloudscape-design/components/i18n';
import messages from '@cloudscape-design/components/i18n/messages/all.en.json';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { isWaybillError } from '../../lib/domain/errors.ts';
import { useWidthOnceAlive } from './narrow.ts';
import { NoticesProvider } from './notices.tsx';
import type { Theme } from './theme.ts';
import { ThemeProvider } from './theme-switch.tsx';

const FRESH_MS = 5_000;

/** A session that has ended leaves nothing to see here: after signing in again, the page is shown again. */
function leaveWithoutSession(error: unknown): void {
  if (!isWaybillError(error, 'NotSignedIn')) return;
  const { pathname, search } = window.location;
  window.location.assign(`/sign-in?next=${encodeURIComponent(pathname + search)}`);
}

/** What every page needs: texts of the design system, the cache of the API's answers, notices, colours. */
export function Providers({ theme, children }: { theme: Theme; children: ReactNode }) {
  const [queries] = useState(
    () =>
      new QueryClient({
        queryCache: new QueryCache({ onError: leaveWithoutSession }),
        defaultOptions: { queries: { staleTime: FRESH_MS, retry: 1 } },
      }),
  );
  useWidthOnceAlive();
  useEffect(() => {
    // From now on a click is heard; what drives a browser can wait for it.
    document.documentElement.dataset.interactive = '';
  }, []);
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <QueryClientProvider client={queries}>
        <ThemeProvider initial={theme}>
          <NoticesProvider>{children}</NoticesProvider>
        </ThemeProvider>
      </QueryClientProvider>
    </I18nProvider>
  );
}
