'use client';

import { useEffect, useState } from 'react';

/**
 * The time of now, looked at every so many milliseconds; 0 until the page is alive, since what the server paints has
 * to be what the browser begins with.
 */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(0);
  useEffect(() => {
    const look = () => setNow(Date.now());
    look();
    const timer = setInterval(look, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
