'use client';

import { useEffect, useSyncExternalStore } from 'react';

/** Where the design system goes over to its layout for phones. */
const NARROW = '(max-width: 688px)';
/** By this the tests of the design system tell it which layout to take. */
const FORCED = Symbol.for('awsui-force-mobile-mode');
const page = globalThis as { [FORCED]?: boolean };

// The server paints for a desk. A browser that began with another layout would throw the whole page away.
if (typeof window !== 'undefined') page[FORCED] = false;

/** Lets the design system look at the width from when the page is alive. */
export function useWidthOnceAlive(): void {
  useEffect(() => {
    delete page[FORCED];
    window.dispatchEvent(new Event('resize'));
  }, []);
}

function subscribe(listener: () => void): () => void {
  const query = window.matchMedia(NARROW);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

/** Whether the page is as narrow as a phone. `guess`: what the server takes it for, until the page is alive. */
export const useNarrow = (guess: boolean): boolean =>
  useSyncExternalStore(
    subscribe,
    () => window.matchMedia(NARROW).matches,
    () => guess,
  );
