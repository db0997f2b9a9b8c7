'use client';

import CollectionPreferences, {
  type CollectionPreferencesProps,
} from '@cloudscape-design/components/collection-preferences';
import { useSyncExternalStore } from 'react';
import { JOB_COLUMNS } from './job-columns.tsx';

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
  ...{ pageSize: 50, wrapLines: true, compact: false },
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

interface PreferencesButtonProps {
  preferences: ListPreferences;
  onChange: (preferences: ListPreferences) => void;
}

export function PreferencesButton({ preferences, onChange }: PreferencesButtonProps) {
  const shown: CollectionPreferencesProps.Preferences = {
    pageSize: preferences.pageSize,
    wrapLines: preferences.wrapLines,
    contentDensity: preferences.compact ? 'compact' : 'comfortable',
    contentDisplay: preferences.columns,
  };
  return (
    <CollectionPreferences
      title="Preferences"
      confirmLabel="Confirm"
      cancelLabel="Cancel"
      preferences={shown}
      pageSizePreference={{
        title: 'Jobs on a page',
        options: PAGE_SIZES.map((value) => ({ value, label: `${value} jobs` })),
      }}
      wrapLinesPreference={{ label: 'Wrap lines', description: 'Show all of a long text' }}
      contentDensityPreference={{
        label: 'Compact',
        description: 'Show more jobs in the same space',
      }}
      contentDisplayPreference={{
        title: 'Columns',
        options: JOB_COLUMNS.map(({ id = '', header }) => ({
          ...{ id, label: String(header), alwaysVisible: id === 'name' },
        })),
      }}
      onConfirm={({ detail }) =>
        onChange({
          pageSize: detail.pageSize ?? preferences.pageSize,
          wrapLines: detail.wrapLines ?? preferences.wrapLines,
          compact: detail.contentDensity === 'compact',
          columns: detail.contentDisplay ?? preferences.columns,
        })
      }
    />
  );
}
