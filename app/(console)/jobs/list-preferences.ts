'use client';

import { useSyncExternalStore } from 'react';
import { JOB_COLUMNS } from './job-columns.tsx';
import { PAGE_SIZE } from './list-address.ts';

const KEY = 'waybill-jobs-list';
const CHANGED = 'waybill-preferences';
export const PAGE_SIZES = [25, 50, 100, 200];
const SHOWN_AT_FIRST = ['name', 'state', 'next', 'option', 'progress', 'since'];

export interface ListPreferences {
  pageSize: number;
  wrapLines: boolean;
  compact: boolean;
  columns: readonly { id: string; visible: boolean }[];
}

const FIRST: ListPreferences = {
  pageSize: PAGE_SIZE,
  wrapLines: true,
  compact: false,
  columns: JOB_COLUMNS.map(({ id = '' }) => ({ id, visible: SHOWN_AT_FIRST.includes(id) })),
};

/** What was kept, without what this version does not know. */
function read(text: string | null): ListPreferences {
  try {
    const kept = JSON.parse(text ?? '{}') as Partial<ListPreferences>;
    const known = (kept.columns ?? []).filter(({ id }) =>
      FIRST.columns.some((one) => one.id === id),
    );
    const added = FIRST.columns.filter(({ id }) => !known.some((one) => one.id === id));
    return {
      pageSize: PAGE_SIZES.find((size) => size === kept.pageSize) ?? FIRST.pageSize,
      wrapLines: kept.wrapLines ?? FIRST.wrapLines,
      compact: kept.compact ?? FIRST.compact,
      columns: [...known, ...added],
    };
  } catch {
    return FIRST;
  }
}

function subscribe(listener: () => void): () => void {
  window.addEventListener(CHANGED, listener);
  return () => window.removeEventListener(CHANGED, listener);
}

/** How this browser shows the list of jobs. */
export function useListPreferences(): [ListPreferences, (preferences: ListPreferences) => void] {
  const text = useSyncExternalStore(
    subscribe,
    () => localStorage.getItem(KEY),
    () => null,
  );
  const set = (preferences: ListPreferences) => {
    localStorage.setItem(KEY, JSON.stringify(preferences));
    window.dispatchEvent(new Event(CHANGED));
  };
  return [read(text), set];
}
