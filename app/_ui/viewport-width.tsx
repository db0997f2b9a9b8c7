'use client';

import { createContext, type ReactNode, use, useEffect, useSyncExternalStore } from 'react';
import { remember } from './cookie.ts';
import { NARROW_COOKIE } from './guess-viewport.ts';

/** Where the design system goes over to its layout for phones. */
const NARROW = '(max-width: 688px)';
/** The one way to tell the design system its layout where there is no window to ask; its own tests use it. */
const FORCED = Symbol.for('awsui-force-mobile-mode');
const page = globalThis as { [FORCED]?: boolean };

/** What the server takes the window for. */
const GuessContext = createContext(false);

// The server paints for several people at a time: the answer is that of the page which is being painted.
if (typeof window === 'undefined')
  Object.defineProperty(page, FORCED, { configurable: true, get: () => use(GuessContext) });

let alive = false;

interface WidthProviderProps {
  /** Whether the server has painted for a phone. */
  narrow: boolean;
  children: ReactNode;
}

/** Has the page begin as the server painted it, and follow its window from then on. */
export function WidthProvider({ narrow, children }: WidthProviderProps) {
  // A browser that began with another layout would throw the whole page away.
  if (typeof window !== 'undefined' && !alive) page[FORCED] = narrow;
  useEffect(() => {
    alive = true;
    delete page[FORCED];
    window.dispatchEvent(new Event('resize'));
    const query = window.matchMedia(NARROW);
    const keep = () => remember(NARROW_COOKIE, query.matches ? 'yes' : 'no');
    keep();
    query.addEventListener('change', keep);
    return () => query.removeEventListener('change', keep);
  }, []);
  return <GuessContext value={narrow}>{children}</GuessContext>;
}

function subscribe(listener: () => void): () => void {
  const query = window.matchMedia(NARROW);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

/** Whether the page is as narrow as a phone. */
export function useNarrow(): boolean {
  const guess = use(GuessContext);
  return useSyncExternalStore(
    subscribe,
    () => window.matchMedia(NARROW).matches,
    () => guess,
  );
}
