'use client';

import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import type { TableProps } from '@cloudscape-design/components/table';
import { useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import { permits } from '../../../lib/domain/permissions.ts';
import { formatBytes, parseBytes } from '../../../lib/domain/sizes.ts';
import { useApi, useCall } from '../../_ui/api.ts';
import { Confirm } from '../../_ui/confirm.tsx';
import { DataTable } from '../../_ui/data-table.tsx';
import { useLive } from '../../_ui/live.tsx';
import { RouterLink } from '../../_ui/router-link.tsx';
import { usePerson } from '../../_ui/session.tsx';
import { DeviceStatus } from '../../_ui/status.tsx';
import { TextField } from '../../_ui/text-field.tsx';

type Device = CallResult<'listDevices'>['devices'][number];
const PAGE = 50;

/** Every device, where it is and what it is for. */
export function DevicesView() {
  const mayManage = permits(usePerson().role, 'device.manage');
  const [after, setAfter] = useState<string>();
  const list = useApi('listDevices', { query: { limit: PAGE, after } }, { keep: true });
  const [adding, setAdding] = useState(false);
  const [changing, setChanging] = useState<Device>();
  useLive();
  const columns: TableProps.ColumnDefinition<Device>[] = [
    { id: 'id', header: 'Device', isRowHeader: true, cell: (device) => device.id },
    { id: 'state', header: 'State', cell: (device) => <DeviceStatus state={device.state} /> },
    { id: 'owner', header: 'Owner', cell: (device) => device.owner },
    { id: 'capacity', header: 'Capacity', cell: (device) => formatBytes(device.capacityBytes) },
    {
      id: 'job',
      header: 'Job',
      cell: ({ jobId }) => (jobId ? <RouterLink href={`/jobs/${jobId}`}>{jobId}</RouterLink> : '–'),
    },
    { id: 'note', header: 'Note', cell: (device) => device.note || '–' },
    ...(mayManage
      ? [
          {
            id: 'change',
            header: 'Change',
            cell: (device: Device) => (
              <Button
                variant="inline-link"
                ariaLabel={`Change device ${device.id}`}
                onClick={() => setChanging(device)}
              >
                Change
              </Button>
            ),
          },
        ]
      : []),
  ];
  const add = mayManage && <Button onClick={() => setAdding(true)}>Add device</Button>;
  return (
    <>
      <DataTable
        variant="full-page"
        title="Devices"
        columns={columns}
        rows={list.data?.devices}
        rowId={(device) => device.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        actions={add}
        none="No device yet. A station adds a device when it prepares it; disks come with their jobs."
        noneAction={add}
        pagination={
          <Button
            disabled={!list.data?.next}
            onClick={() => setAfter(list.data?.next ?? undefined)}
          >
            More
          </Button>
        }
      />
      {adding && <AddDevice onClose={() => setAdding(false)} />}
      {changing && <ChangeDevice device={changing} onClose={() => setChanging(undefined)} />}
    </>
  );
}

function AddDevice({ onClose }: { onClose: () => void }) {
  const [id, setId] = useState('');
  const [capacity, setCapacity] = useState('80 TB');
  const [note, setNote] = useState('');
  const call = useCall('addDevice', onClose);
  const capacityBytes = parseBytes(capacity);
  return (
    <Confirm
      title="Add a device"
      confirm="Add"
      busy={call.isPending}
      disabled={id === '' || !capacityBytes}
      error={call.error}
      onDismiss={onClose}
      onConfirm={() => call.mutate({ body: { id, capacityBytes: capacityBytes ?? 0, note } })}
    >
      <TextField
        label="Id"
        constraint="As on its case; also the name of its folder in a dock"
        value={id}
        onChange={setId}
      />
      <TextField
        label="Capacity"
        constraint="Such as 80 TB"
        value={capacity}
        onChange={setCapacity}
      />
      <TextField label="Note (optional)" value={note} onChange={setNote} />
    </Confirm>
  );
}

const STATES = [
  { value: 'available', label: 'Available' },
  { value: 'quarantined', label: 'Quarantined: set aside' },
  { value: 'lost', label: 'Lost' },
  { value: 'retired', label: 'Retired' },
] as const;

function ChangeDevice({ device, onClose }: { device: Device; onClose: () => void }) {
  const [state, setState] = useState<string>();
  const [note, setNote] = useState(device.note);
  const call = useCall('changeDevice', onClose);
  const chosen = STATES.find(({ value }) => value === state);
  return (
    <Confirm
      title={`Change device ${device.id}`}
      confirm="Change"
      busy={call.isPending}
      error={call.error}
      onDismiss={onClose}
      onConfirm={() =>
        call.mutate({
          params: { deviceId: device.id },
          body: { note, ...(chosen && { state: chosen.value }) },
        })
      }
    >
      <FormField label="State" constraintText="Only of a device that no job has">
        <Select
          disabled={device.jobId !== null}
          placeholder={`As it is: ${device.state}`}
          options={STATES}
          selectedOption={chosen ?? null}
          onChange={({ detail }) => setState(detail.selectedOption.value)}
        />
      </FormField>
      <TextField label="Note" value={note} onChange={setNote} />
    </Confirm>
  );
}
