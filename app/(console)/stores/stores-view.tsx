'use client';

import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { TableProps } from '@cloudscape-design/components/table';
import { useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import { permits } from '../../../lib/domain/permissions.ts';
import { useApi, useCall } from '../../_ui/api.ts';
import { Confirm } from '../../_ui/confirm.tsx';
import { DataTable } from '../../_ui/data-table.tsx';
import { useNotify } from '../../_ui/notices.tsx';
import { usePerson } from '../../_ui/session.tsx';
import { TextField } from '../../_ui/text-field.tsx';
import { AddStore } from './add-store.tsx';
import { ChangeKey } from './change-key.tsx';

type Store = CallResult<'listStores'>['stores'][number];

/** Where objects live, and whether the console's host can use it. */
export function StoresView() {
  const mayManage = permits(usePerson().role, 'store.manage');
  const list = useApi('listStores');
  const [adding, setAdding] = useState(false);
  const [checking, setChecking] = useState<Store>();
  const [making, setMaking] = useState<Store>();
  const [changing, setChanging] = useState<Store>();
  const columns: TableProps.ColumnDefinition<Store>[] = [
    { id: 'name', header: 'Store', isRowHeader: true, cell: (store) => store.name },
    { id: 'id', header: 'Id', cell: (store) => store.id },
    { id: 'kind', header: 'Kind', cell: (store) => store.kind },
    {
      id: 'place',
      header: 'Place',
      cell: ({ root, remote }) => (
        <span className="long-word">
          {remote ? remote.endpoint || `AWS, ${remote.region}` : root}
        </span>
      ),
    },
    {
      id: 'do',
      header: 'Buckets',
      cell: (store) => (
        <SpaceBetween direction="horizontal" size="xs">
          <Button
            variant="inline-link"
            ariaLabel={`Check a bucket of ${store.name}`}
            onClick={() => setChecking(store)}
          >
            Check
          </Button>
          {mayManage && (
            <Button
              variant="inline-link"
              ariaLabel={`Make a bucket in ${store.name}`}
              onClick={() => setMaking(store)}
            >
              Make bucket
            </Button>
          )}
          {mayManage && store.remote && (
            <Button
              variant="inline-link"
              ariaLabel={`Change the key pair of ${store.name}`}
              onClick={() => setChanging(store)}
            >
              Change key
            </Button>
          )}
        </SpaceBetween>
      ),
    },
  ];
  const add = mayManage && <Button onClick={() => setAdding(true)}>Add store</Button>;
  return (
    <>
      <DataTable
        variant="full-page"
        title="Stores"
        columns={columns}
        rows={list.data?.stores}
        rowId={(store) => store.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        actions={add}
        none="No store yet."
        noneAction={add}
      />
      {changing && <ChangeKey store={changing} onClose={() => setChanging(undefined)} />}
      {adding && <AddStore onClose={() => setAdding(false)} />}
      {checking && (
        <BucketDialog
          route="checkStore"
          title={`Check a bucket of ${checking.name}`}
          done="The bucket can be listed, written, read and deleted from."
          store={checking}
          onClose={() => setChecking(undefined)}
        />
      )}
      {making && (
        <BucketDialog
          route="makeBucket"
          title={`Make a bucket in ${making.name}`}
          done="The bucket is there."
          store={making}
          onClose={() => setMaking(undefined)}
        />
      )}
    </>
  );
}

interface BucketDialogProps {
  route: 'checkStore' | 'makeBucket';
  title: string;
  done: string;
  store: Store;
  onClose: () => void;
}

function BucketDialog({ route, title, done, store, onClose }: BucketDialogProps) {
  const notify = useNotify();
  const [bucket, setBucket] = useState('default');
  const end = (notes: string[]) => {
    const all = [done, ...notes.map((note) => `Note: ${note}.`)];
    notify('success', `${store.name}, ${bucket}: ${all.join(' ')}`);
    onClose();
  };
  const check = useCall('checkStore', ({ notes }) => end(notes));
  const make = useCall('makeBucket', () => end([]));
  const call = route === 'checkStore' ? check : make;
  return (
    <Confirm
      title={title}
      confirm={route === 'checkStore' ? 'Check' : 'Make'}
      busy={call.isPending}
      error={call.error}
      onDismiss={onClose}
      onConfirm={() => call.mutate({ params: { storeId: store.id }, body: { bucket } })}
    >
      <TextField label="Bucket" value={bucket} onChange={setBucket} />
    </Confirm>
  );
}
