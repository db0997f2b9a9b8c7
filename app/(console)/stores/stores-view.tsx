'use client';

import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import type { TableProps } from '@cloudscape-design/components/table';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { ListedStore } from '../../../lib/api/schemas/store-schemas.ts';
import { formatJobFilter } from '../../../lib/domain/job-filter.ts';
import { permits } from '../../../lib/domain/permissions.ts';
import { isWord, type Role } from '../../../lib/domain/words.ts';
import { useApi } from '../../_data/api.ts';
import { usePerson } from '../../_data/session.tsx';
import { STORE_KIND_WORDS } from '../../_parts/store-words.ts';
import { DataTable } from '../../_ui/data-table.tsx';
import { RouterLink } from '../../_ui/router-link.tsx';
import { jobsAddress } from '../jobs/list-address.ts';

// Dialogs come when they are asked for.
const AddStore = dynamic(() => import('./add-store.tsx').then((part) => part.AddStore));
const MakeBucket = dynamic(() => import('./bucket-dialogs.tsx').then((part) => part.MakeBucket));
const TestBucket = dynamic(() => import('./bucket-dialogs.tsx').then((part) => part.TestBucket));
const ChangeKey = dynamic(() => import('./change-key.tsx').then((part) => part.ChangeKey));
const EditStore = dynamic(() => import('./edit-store.tsx').then((part) => part.EditStore));

const ACTION_IDS = ['test', 'bucket', 'edit', 'key'] as const;
type ActionId = (typeof ACTION_IDS)[number];
type Shown = { id: ActionId; store: ListedStore } | { id: 'add' } | undefined;

/** Where objects live, what uses it, and whether the console's host may do there what jobs need. */
export function StoresView() {
  const { role } = usePerson();
  const mayManage = permits(role, 'store.manage');
  const list = useApi('listStores');
  const [shown, setShown] = useState<Shown>();
  const close = () => setShown(undefined);
  const add = mayManage && (
    <Button variant="primary" onClick={() => setShown({ id: 'add' })}>
      Add store
    </Button>
  );
  return (
    <>
      <DataTable
        variant="full-page"
        title="Stores"
        description="Where objects live. Test a bucket before a device ships: what is missing then costs minutes, later a journey."
        columns={columnsOf(role, (id, store) => setShown({ id, store }))}
        rows={list.data?.stores}
        rowId={(store) => store.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        actions={add}
        none="No store yet. A store holds the buckets that imports write to and exports read from: an S3-compatible endpoint, or a directory."
        noneAction={add}
      />
      {shown?.id === 'add' && <AddStore onClose={close} />}
      {shown?.id === 'test' && <TestBucket store={shown.store} onClose={close} />}
      {shown?.id === 'bucket' && <MakeBucket store={shown.store} onClose={close} />}
      {shown?.id === 'edit' && <EditStore store={shown.store} onClose={close} />}
      {shown?.id === 'key' && <ChangeKey store={shown.store} onClose={close} />}
    </>
  );
}

function columnsOf(
  role: Role,
  show: (id: ActionId, store: ListedStore) => void,
): TableProps.ColumnDefinition<ListedStore>[] {
  const mayCheck = permits(role, 'store.check');
  const mayManage = permits(role, 'store.manage');
  return [
    { id: 'name', header: 'Store', isRowHeader: true, minWidth: 130, cell: ({ name }) => name },
    { id: 'id', header: 'Id', minWidth: 110, cell: ({ id }) => id },
    { id: 'kind', header: 'Kind', minWidth: 90, cell: ({ kind }) => STORE_KIND_WORDS[kind] },
    {
      id: 'place',
      header: 'Place',
      minWidth: 220,
      cell: ({ root, remote }) => (
        <span className="long-word">
          {remote ? remote.endpoint || `AWS, ${remote.region}` : root}
        </span>
      ),
    },
    { id: 'jobs', header: 'Jobs', minWidth: 120, cell: (store) => <JobsOfStore {...store} /> },
    ...(mayCheck
      ? [
          {
            id: 'test',
            header: 'Test',
            minWidth: 80,
            cell: (store: ListedStore) => (
              <Button
                variant="inline-link"
                ariaLabel={`Test a bucket of ${store.name}`}
                onClick={() => show('test', store)}
              >
                Test
              </Button>
            ),
          },
        ]
      : []),
    ...(mayManage
      ? [
          {
            id: 'do',
            header: 'Actions',
            minWidth: 90,
            cell: (store: ListedStore) => (
              <ButtonDropdown
                variant="inline-icon"
                expandToViewport
                ariaLabel={`Actions of ${store.name}`}
                items={[
                  { id: 'bucket', text: 'Make a bucket' },
                  { id: 'edit', text: 'Edit' },
                  ...(store.remote ? [{ id: 'key', text: 'Change the key pair' }] : []),
                ]}
                onItemClick={({ detail }) => {
                  if (isWord(ACTION_IDS, detail.id)) show(detail.id, store);
                }}
              />
            ),
          },
        ]
      : []),
  ];
}

/** How many jobs use a store, as a link to them. */
function JobsOfStore({ id, jobs, openJobs }: ListedStore) {
  if (jobs === 0) return <>none yet</>;
  const token = { property: 'store', operator: '=', values: [id] } as const;
  const filter = formatJobFilter({ join: 'and', tokens: [token] });
  return (
    <RouterLink href={jobsAddress(filter)}>
      {openJobs.toLocaleString('en')} open of {jobs.toLocaleString('en')}
    </RouterLink>
  );
}
