'use client';

import Button from '@cloudscape-design/components/button';
import type { TableProps } from '@cloudscape-design/components/table';
import dynamic from 'next/dynamic';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import type { DeviceDetail } from '../../../lib/api/schemas/device-schemas.ts';
import { permits } from '../../../lib/domain/permissions.ts';
import { formatSize } from '../../../lib/domain/sizes.ts';
import { useApi } from '../../_data/api.ts';
import { useLive } from '../../_data/live.tsx';
import { usePages } from '../../_data/paging.tsx';
import { usePerson } from '../../_data/session.tsx';
import { DeviceStatus } from '../../_parts/status.tsx';
import { DataTable } from '../../_ui/data-table.tsx';
import { RouterLink } from '../../_ui/router-link.tsx';
import { DeviceJob, OWNER_WORDS, PLACE_WORDS } from './device-words.tsx';
import { devicesAsk, readDeviceFilter } from './devices-ask.ts';
import { DevicesFilter } from './devices-filter.tsx';

// Dialogs come when they are asked for.
const AddDevice = dynamic(() => import('./device-dialogs.tsx').then((part) => part.AddDevice));

const COLUMNS: TableProps.ColumnDefinition<DeviceDetail>[] = [
  {
    id: 'id',
    header: 'Device',
    isRowHeader: true,
    minWidth: 130,
    cell: ({ id }) => (
      <RouterLink href={`/devices/${encodeURIComponent(id)}`}>
        <span className="long-word">{id}</span>
      </RouterLink>
    ),
  },
  {
    id: 'state',
    header: 'State',
    minWidth: 130,
    cell: ({ state }) => <DeviceStatus state={state} />,
  },
  { id: 'place', header: 'Where', minWidth: 140, cell: ({ place }) => PLACE_WORDS[place] },
  { id: 'job', header: 'Job', minWidth: 150, cell: ({ job }) => <DeviceJob job={job} /> },
  {
    id: 'capacity',
    header: 'Capacity',
    minWidth: 100,
    cell: ({ capacityBytes, measure }) =>
      `${formatSize(capacityBytes)}${measure?.simulated ? ', simulated' : ''}`,
  },
  { id: 'owner', header: 'Kind', minWidth: 160, cell: ({ owner }) => OWNER_WORDS[owner] },
  {
    id: 'note',
    header: 'Note',
    minWidth: 160,
    cell: ({ note }) => <span className="long-word">{note || '–'}</span>,
  },
];

/** Every device, where it is and what it is for; the filter is in the address. */
export function DevicesView() {
  const mayManage = permits(usePerson().role, 'device.manage');
  const router = useRouter();
  const path = usePathname();
  const filter = readDeviceFilter(useSearchParams());
  const pages = usePages<string>();
  const [adding, setAdding] = useState(false);
  const list = useApi('listDevices', devicesAsk(filter, pages.mark), { keep: true });
  useLive();
  const change = (next: typeof filter) => {
    pages.restart();
    const search = new URLSearchParams(next).toString();
    router.replace(search ? `${path}?${search}` : path, { scroll: false });
  };
  const filtered = Object.keys(filter).length > 0;
  const total = list.data?.total;
  const add = mayManage && (
    <Button variant="primary" onClick={() => setAdding(true)}>
      Add device
    </Button>
  );
  return (
    <>
      <DataTable
        variant="full-page"
        title="Devices"
        counter={total === undefined ? undefined : `(${total.toLocaleString('en')})`}
        description="Appliances of the provider and disks of customers: where each is, and which job has it."
        columns={COLUMNS}
        rows={list.data?.devices}
        rowId={(device) => device.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        actions={add}
        filter={<DevicesFilter value={filter} onChange={change} />}
        pagination={pages.control(list.data?.next)}
        none="No device yet. A station adds an appliance when it prepares it for its first job, or add it here before; a customer’s disk comes with its job."
        noneAction={add}
        onClearFilter={filtered ? () => change({}) : undefined}
      />
      {adding && <AddDevice onClose={() => setAdding(false)} />}
    </>
  );
}
