'use client';

import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
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

type Store = CallResult<'listStores'>['stores'][number];

/** Where objects live, and whether the console's host can use it. */
export function StoresView() {
  const mayManage = permits(usePerson().role, 'store.manage');
  const list = useApi('listStores');
  const [adding, setAdding] = useState(false);
  const [checking, setChecking] = useState<Store>();
  const [making, setMaking] = useState<Store>();
  const columns: TableProps.ColumnDefinition<Store>[] = [
    { id: 'name', header: 'Store', isRowHeader: true, cell: (store) => store.name },
    { id: 'id', header: 'Id', cell: (store) => store.id },
    { id: 'kind', header: 'Kind', cell: (store) => store.kind },
    {
      id: 'root',
      header: 'Root',
      cell: (store) => <span className="long-word">{store.root}</span>,
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
      {adding && <AddStore onClose={() => setAdding(false)} />}
      {checking && (
        <BucketDialog
          route="checkStore"
          title={`Check a bucket of ${checking.name}`}
          done="The bucket can be listed, written and read."
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
  const call = useCall(route, () => {
    notify('success', `${store.name}, ${bucket}: ${done}`);
    onClose();
  });
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

const KINDS = [
  { value: 'directory', label: 'Directory: objects are files, in place of S3' },
  { value: 'glacier', label: 'Archive: stand-in for S3 Glacier' },
  { value: 'ebs', label: 'Snapshots: stand-in for EBS' },
] as const;

function AddStore({ onClose }: { onClose: () => void }) {
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const [root, setRoot] = useState('');
  const [kind, setKind] = useState<(typeof KINDS)[number]['value']>('directory');
  const call = useCall('addStore', onClose);
  return (
    <Confirm
      title="Add a store"
      confirm="Add"
      busy={call.isPending}
      error={call.error}
      onDismiss={onClose}
      onConfirm={() => call.mutate({ body: { id, name, kind, root } })}
    >
      <TextField
        label="Id"
        constraint="Letters, digits, dots, hyphens"
        value={id}
        onChange={setId}
      />
      <TextField label="Name" value={name} onChange={setName} />
      <FormField label="Kind">
        <Select
          options={KINDS}
          selectedOption={KINDS.find(({ value }) => value === kind) ?? null}
          onChange={({ detail }) =>
            setKind(KINDS.find(({ value }) => value === detail.selectedOption.value)?.value ?? kind)
          }
        />
      </FormField>
      <TextField
        label="Root"
        constraint="Absolute directory that holds the buckets, the same on every station"
        value={root}
        onChange={setRoot}
      />
    </Confirm>
  );
}
