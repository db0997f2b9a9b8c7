'use client';

import { type ReactNode, useEffect } from 'react';
import type { Theme } from './theme.ts';
import { ThemeProvider } from './theme-switch.tsx';
import { WidthProvider } from './viewport-width.tsx';

interface ProvidersProps {
  theme: Theme;
  /** Whether the page was painted for a phone. */
  narrow: boolean;
  children: ReactNode;
}

/** What every page needs, whoever looks at it: width and colours. What only the console needs is with its layout. */
export function Providers({ theme, narrow, children }: ProvidersProps) {
  useEffect(() => {
    // From now on a click is heard; what drives a browser can wait for it.
    document.documentElement.dataset.interactive = '';
  }, []);
  return (
    <WidthProvider narrow={narrow}>
      <ThemeProvider initial={theme}>{children}</ThemeProvider>
    </WidthProvider>
  );
}
