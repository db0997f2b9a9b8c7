'use client';

import Button from '@cloudscape-design/components/button';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import dynamic from 'next/dynamic';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { routeUrl } from '../../../lib/api/client.ts';
import { EVERY_JOB } from '../../../lib/domain/job-filter.ts';
import { JOB_SORTS } from '../../../lib/domain/job-sort.ts';
import { permits } from '../../../lib/domain/permissions.ts';
import { isWord } from '../../../lib/domain/words.ts';
import { useApi } from '../../_data/api.ts';
import { useLive } from '../../_data/live.tsx';
import { usePerson } from '../../_data/session.tsx';
import { DataTable } from '../../_ui/data-table.tsx';
import { LoadingFilter } from '../../_ui/loading-placeholders.tsx';
import { useNotify } from '../../_ui/notices.tsx';
import { RouterButton } from '../../_ui/router-link.tsx';
import { BulkActions } from './bulk-actions.tsx';
import { JOB_COLUMNS } from './job-columns.tsx';
import {
  apiQueryOf,
  type ListAddress,
  pageAsk,
  readAddress,
  writeAddress,
} from './list-address.ts';
import { useListPreferences } from './list-preferences.ts';

const PreferencesButton = dynamic(
  () => import('./preferences-button.tsx').then((part) => part.PreferencesButton),
  {
    ssr: false,
    loading: () => <Button variant="icon" iconName="settings" ariaLabel="Preferences" disabled />,
  },
);
/** Filters are large: they come when the list stands. */
const JobsFilter = dynamic(() => import('./jobs-filter.tsx').then((part) => part.JobsFilter), {
  ssr: false,
  loading: LoadingFilter,
});

/** All jobs; filter, order and page are in the address. */
export function JobsView() {
  const person = usePerson();
  const notify = useNotify();
  const router = useRouter();
  const path = usePathname();
  const address = readAddress(useSearchParams());
  const [preferences, setPreferences] = useListPreferences();
  const [chosenIds, setChosenIds] = useState<readonly string[]>([]);
  useLive();
  const go = (change: Partial<ListAddress>) => {
    setChosenIds([]);
    router.replace(path + writeAddress({ ...address, page: 1, ...change }), { scroll: false });
  };
  const query = apiQueryOf(address);
  const limit = preferences.pageSize;
  const list = useApi('listJobs', pageAsk(address, limit), { keep: true });
  const rows = list.data?.jobs;
  const total = list.data?.total ?? undefined;
  const chosen = (rows ?? []).filter(({ id }) => chosenIds.includes(id));
  const filtered = address.filter.tokens.length > 0;
  const mayCreate = permits(person.role, 'job.create');
  const create = mayCreate && (
    <RouterButton variant="primary" href="/jobs/new">
      Create job
    </RouterButton>
  );
  const columns = JOB_COLUMNS.map((column) => ({
    ...column,
    ...(isWord(JOB_SORTS, column.sortingField) && { sortingField: column.sortingField }),
  }));
  return (
    <DataTable
      variant="full-page"
      title="Jobs"
      counter={total === undefined ? undefined : `(${total.toLocaleString('en')})`}
      columns={columns}
      columnDisplay={preferences.columns}
      rows={rows}
      rowId={(job) => job.id}
      rowName={(job) => job.name}
      error={list.error}
      onRetry={() => void list.refetch()}
      selected={chosen}
      onSelect={(jobs) => setChosenIds(jobs.map(({ id }) => id))}
      sorting={{ field: address.sort, descending: address.descending }}
      onSort={(field, descending) => isWord(JOB_SORTS, field) && go({ sort: field, descending })}
      wrapLines={preferences.wrapLines}
      compact={preferences.compact}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button
            iconName="download"
            href={routeUrl('/jobs/export.csv', {}, query)}
            download="jobs.csv"
          >
            Export CSV
          </Button>
          <BulkActions jobs={chosen} onDone={() => setChosenIds([])} />
          {create}
        </SpaceBetween>
      }
      filter={
        <JobsFilter
          filter={address.filter}
          count={filtered ? total : undefined}
          loading={list.isFetching}
          onChange={(filter) => go({ filter })}
          onInvalid={() =>
            notify(
              'error',
              'That is no filter.',
              'Choose a value of the list, or a size such as 8TB.',
            )
          }
        />
      }
      pagination={
        <Pagination
          currentPageIndex={address.page}
          pagesCount={Math.max(1, Math.ceil((total ?? 0) / limit))}
          ariaLabels={{
            nextPageLabel: 'Next page',
            previousPageLabel: 'Previous page',
            pageLabel: (page) => `Page ${page}`,
          }}
          onChange={({ detail }) => go({ page: detail.currentPageIndex })}
        />
      }
      preferences={<PreferencesButton preferences={preferences} onChange={setPreferences} />}
      none="No job yet. A job moves data between a site and a store with one device."
      noneAction={create}
      onClearFilter={filtered ? () => go({ filter: EVERY_JOB }) : undefined}
    />
  );
}
