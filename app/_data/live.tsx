'use client';

import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { CallResult } from '../../lib/api/client.ts';
import type { EventRow } from '../../lib/api/schemas/work-schemas.ts';
import { API_BASE } from '../../lib/api/wire.ts';
import { effectOf, patchList, patchSeries } from './live-rules.ts';

/** Answers that change with one job, and those that change with any. */
const OF_ONE_JOB = ['getJob', 'listCustody'];
const OF_ALL_JOBS = ['listJobs', 'jobCounts', 'overview', 'listDevices'];
const TOGETHER_MS = 300;
/** However much happens, lists are asked for no more often than this. */
const LISTS_EVERY_MS = 3000;
const REOPEN_MS = 3000;

/**
 * Keeps what the page shows up to date by one stream of events. It resumes after the last event it had, also
 * over a restart of the console; a page that nobody sees has no stream, since browsers allow few at once.
 */
export function useLive(jobId?: string): void {
  const queries = useQueryClient();
  useEffect(() => openLive(queries, jobId), [queries, jobId]);
}

function openLive(queries: QueryClient, jobId: string | undefined): () => void {
  const changes = gatherChanges(queries);
  let last: string | undefined;
  /** The stream was answered with something else. */
  let refused = false;
  let source: EventSource | undefined;
  let reopening: ReturnType<typeof setTimeout> | undefined;
  const close = () => {
    clearTimeout(reopening);
    source?.close();
    source = undefined;
  };
  const open = () => {
    close();
    if (document.hidden) return;
    const query = new URLSearchParams({
      ...(jobId !== undefined && { jobId }),
      ...(last !== undefined && { after: last }),
    });
    source = new EventSource(`${API_BASE}/events?${query}`);
    source.addEventListener('here', (event) => {
      refused = false;
      // What happened between the first answers and this stream is in neither.
      if (last === undefined) changes.all();
      last = event.lastEventId;
    });
    source.addEventListener('stale', changes.all);
    source.onmessage = (event: MessageEvent<string>) => {
      last = event.lastEventId;
      changes.take(JSON.parse(event.data) as EventRow);
    };
    source.onerror = () => {
      // After an answer that is no stream, such as a proxy's, browsers give up.
      if (source?.readyState !== EventSource.CLOSED) return;
      reopening = setTimeout(open, REOPEN_MS);
      // It may be that the session has ended, which the next answer tells.
      if (!refused) changes.all();
      refused = true;
    };
  };
  open();
  document.addEventListener('visibilitychange', open);
  return () => {
    document.removeEventListener('visibilitychange', open);
    close();
    changes.end();
  };
}

/** Patches answers at once; what has to be asked for again is asked for once for events that come together. */
function gatherChanges(queries: QueryClient) {
  const jobs = new Set<string>();
  let lists = false;
  let listsAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const refresh = () => {
    timer = undefined;
    const askLists = lists && Date.now() - listsAt >= LISTS_EVERY_MS;
    if (askLists) {
      lists = false;
      listsAt = Date.now();
    }
    void queries.invalidateQueries({
      predicate: ({ queryKey: [name, options] }) => {
        if (OF_ALL_JOBS.includes(String(name))) return askLists;
        const queryJobId = jobOf(options);
        return (
          OF_ONE_JOB.includes(String(name)) && queryJobId !== undefined && jobs.has(queryJobId)
        );
      },
    });
    jobs.clear();
    if (lists) timer = setTimeout(refresh, Math.max(0, listsAt + LISTS_EVERY_MS - Date.now()));
  };
  const later = () => {
    timer ??= setTimeout(refresh, TOGETHER_MS);
  };
  return {
    take(event: EventRow): void {
      const { patch, job, lists: ofLists } = effectOf(event);
      if (patch) {
        queries.setQueriesData<CallResult<'listJobs'>>(
          { queryKey: ['listJobs'] },
          (answer) => answer && patchList(answer, event.jobId, patch),
        );
        queries.setQueriesData<CallResult<'getJob'>>({ queryKey: ['getJob'] }, (answer) =>
          answer?.id === event.jobId ? { ...answer, ...patch } : answer,
        );
        const { progress } = patch;
        if (progress) {
          queries.setQueryData<CallResult<'jobProgress'>>(
            ['jobProgress', { params: { jobId: event.jobId } }],
            (answer) => answer && patchSeries(answer, progress),
          );
        }
      }
      if (job) jobs.add(event.jobId);
      lists ||= ofLists;
      if (job || ofLists) later();
    },
    all(): void {
      void queries.invalidateQueries({
        predicate: ({ queryKey }) =>
          [...OF_ONE_JOB, 'jobProgress', ...OF_ALL_JOBS].includes(String(queryKey[0])),
      });
    },
    end: () => clearTimeout(timer),
  };
}

/** The job that an answer is about, by what was asked. */
function jobOf(options: unknown): string | undefined {
  const { params, query } = (options ?? {}) as Record<string, { jobId?: string } | undefined>;
  return params?.jobId ?? query?.jobId;
}
