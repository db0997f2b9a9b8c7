'use client';

import CollectionPreferences, {
  type CollectionPreferencesProps,
} from '@cloudscape-design/components/collection-preferences';
import { JOB_COLUMNS } from './job-columns.tsx';
import { type ListPreferences, PAGE_SIZES } from './list-preferences.ts';

interface PreferencesButtonProps {
  preferences: ListPreferences;
  onChange: (preferences: ListPreferences) => void;
}

/** How the list is shown, asked for in a dialog. */
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
          id,
          label: String(header),
          alwaysVisible: id === 'name',
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
