'use client';

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { TableProps } from '@cloudscape-design/components/table';
import dynamic from 'next/dynamic';
import { useCallback, useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import { permits } from '../../../lib/domain/permissions.ts';
import { useApi } from '../../_data/api.ts';
import { usePages } from '../../_data/paging.tsx';
import { usePerson } from '../../_data/session.tsx';
import { countryName } from '../../_parts/country-name.ts';
import { Copyable } from '../../_ui/copyable.tsx';
import { DataTable } from '../../_ui/data-table.tsx';
import { SearchField } from '../../_ui/search-field.tsx';
import { addressesAsk } from './addresses-ask.ts';

// Dialogs come when they are asked for.
const AddressDialog = dynamic(() =>
  import('./address-dialogs.tsx').then((part) => part.AddressDialog),
);
const ArchiveDialog = dynamic(() =>
  import('./address-dialogs.tsx').then((part) => part.ArchiveDialog),
);

type Address = CallResult<'getAddress'>;
type Shown = { kind: 'edit' | 'archive'; address: Address } | { kind: 'add' } | undefined;

/** Where devices are shipped to and come back from. */
export function AddressesView() {
  const mayManage = permits(usePerson().role, 'address.manage');
  const [text, setText] = useState('');
  const [archived, setArchived] = useState<'true' | 'false'>('false');
  const [shown, setShown] = useState<Shown>();
  const pages = usePages<number>();
  const list = useApi('listAddresses', addressesAsk({ archived, before: pages.mark, text }), {
    keep: true,
  });
  const restart = pages.restart;
  const search = useCallback(
    (value: string) => {
      setText(value);
      restart();
    },
    [restart],
  );
  const add = mayManage && archived === 'false' && (
    <Button variant="primary" onClick={() => setShown({ kind: 'add' })}>
      Add address
    </Button>
  );
  return (
    <>
      <DataTable
        variant="full-page"
        title="Addresses"
        description="Sites that devices are shipped to and come back from. A device that has left keeps the address of its time."
        columns={columnsOf(mayManage, setShown)}
        rows={list.data?.addresses}
        rowId={(address) => address.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        actions={add}
        filter={
          <SpaceBetween direction="horizontal" size="s">
            <SearchField label="Name, company, street, city" value={text} onSearch={search} />
            <SegmentedControl
              label="Which addresses"
              selectedId={archived}
              options={[
                { id: 'false', text: 'In use' },
                { id: 'true', text: 'Archived' },
              ]}
              onChange={({ detail }) => {
                setArchived(detail.selectedId === 'true' ? 'true' : 'false');
                restart();
              }}
            />
          </SpaceBetween>
        }
        pagination={pages.control(list.data?.next)}
        none={
          archived === 'true'
            ? 'No address is archived.'
            : 'No address yet. Add the site that a device will be shipped to; jobs choose from the list.'
        }
        noneAction={add}
        onClearFilter={text ? () => search('') : undefined}
      />
      {shown?.kind === 'archive' ? (
        <ArchiveDialog address={shown.address} onClose={() => setShown(undefined)} />
      ) : (
        shown && (
          <AddressDialog
            address={shown.kind === 'edit' ? shown.address : undefined}
            onClose={() => setShown(undefined)}
          />
        )
      )}
    </>
  );
}

function columnsOf(
  mayManage: boolean,
  show: (shown: Shown) => void,
): TableProps.ColumnDefinition<Address>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      isRowHeader: true,
      minWidth: 160,
      cell: ({ name, company }) => (
        <>
          {name}
          {company && <Box variant="small">{company}</Box>}
        </>
      ),
    },
    {
      id: 'street',
      header: 'Street',
      minWidth: 160,
      cell: ({ street1, street2, street3 }) =>
        [street1, street2, street3].filter(Boolean).join(', '),
    },
    { id: 'city', header: 'City', cell: ({ postalCode, city }) => `${postalCode} ${city}`.trim() },
    { id: 'country', header: 'Country', cell: ({ country }) => countryName(country) },
    {
      id: 'type',
      header: 'Delivery',
      cell: ({ type }) => (type === 'pickup' ? 'fetched in person' : 'by carrier'),
    },
    { id: 'id', header: 'Id', minWidth: 200, cell: ({ id }) => <Copyable text={id} what="id" /> },
    ...(mayManage ? [actionsColumn(show)] : []),
  ];
}

function actionsColumn(show: (shown: Shown) => void): TableProps.ColumnDefinition<Address> {
  return {
    id: 'do',
    header: 'Actions',
    minWidth: 150,
    cell: (address) => (
      <SpaceBetween direction="horizontal" size="xs">
        {address.archivedAt === null && (
          <Button
            variant="inline-link"
            ariaLabel={`Edit the address of ${address.name}`}
            onClick={() => show({ kind: 'edit', address })}
          >
            Edit
          </Button>
        )}
        <Button
          variant="inline-link"
          ariaLabel={`${address.archivedAt === null ? 'Archive' : 'Restore'} the address of ${address.name}`}
          onClick={() => show({ kind: 'archive', address })}
        >
          {address.archivedAt === null ? 'Archive' : 'Restore'}
        </Button>
      </SpaceBetween>
    ),
  };
}
