'use client';

import { useEffect, useState } from 'react';

/** The token of a one-time link: it is in the fragment, which no server or proxy sees. Empty until it was read. */
export function useLinkToken() {
  const [token, setToken] = useState('');
  useEffect(() => {
    const inLink = window.location.hash.slice(1);
    if (!inLink) return;
    setToken(inLink);
    // Not kept in the browser's history.
    window.history.replaceState(null, '', window.location.pathname);
  }, []);
  return [token, setToken] as const;
}
