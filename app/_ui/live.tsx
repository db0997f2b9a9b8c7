'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { API_BASE } from '../../lib/api/contract.ts';

/** Answers that change when something happens to a job. */
const OF_JOBS = new Set(['getJob', 'listJobs', 'jobCounts', 'jobCustody', 'listDevices']);
const TOGETHER_MS = 300;

/**
 * Keeps what the page shows up to date by one stream of events; the browser reconnects and resumes by itself.
 * Events that come close together cause one refresh.
 */
export function useLive(jobId?: string): void {
  const queries = useQueryClient();
  useEffect(() => {
    const query = jobId === undefined ? '' : `?jobId=${encodeURIComponent(jobId)}`;
    const source = new EventSource(`${API_BASE}/events${query}`);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = () => {
      timer = undefined;
      void queries.invalidateQueries({
        predicate: ({ queryKey }) => OF_JOBS.has(String(queryKey[0])),
      });
    };
    source.onmessage = () => {
      timer ??= setTimeout(refresh, TOGETHER_MS);
    };
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [queries, jobId]);
}
