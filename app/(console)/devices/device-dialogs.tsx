'use client';

import Box from '@cloudscape-design/components/box';
import { useState } from 'react';
import type { DeviceDetail } from '../../../lib/api/schemas/device-schemas.ts';
import { DEVICE_ACTIONS, type DeviceAction, isNeeded } from '../../../lib/domain/devices.ts';
import { formatSize, parseBytes } from '../../../lib/domain/sizes.ts';
import { useCall } from '../../_data/api.ts';
import { CallDialog } from '../../_ui/dialogs.tsx';
import { useNotify } from '../../_ui/notices.tsx';
import { TextField } from '../../_ui/text-field.tsx';

interface CapacityFieldProps {
  value: string;
  onChange: (value: string) => void;
}

function CapacityField({ value, onChange }: CapacityFieldProps) {
  return (
    <TextField
      label="Capacity"
      constraint="Such as 80 TB"
      error={parseBytes(value) ? undefined : 'Give a size, such as 80 TB.'}
      value={value}
      onChange={onChange}
    />
  );
}

/** Adds an appliance before a station has seen it. */
export function AddDevice({ onClose }: { onClose: () => void }) {
  const notify = useNotify();
  const [id, setId] = useState('');
  const [capacity, setCapacity] = useState('80 TB');
  const [note, setNote] = useState('');
  const call = useCall('addDevice', (device) => {
    notify('success', `${device.id} was added. A station gives it to the next job that fits.`);
    onClose();
  });
  const capacityBytes = parseBytes(capacity);
  return (
    <CallDialog
      title="Add a device"
      confirm="Add"
      call={call}
      disabled={id === '' || !capacityBytes}
      onClose={onClose}
      onConfirm={() => call.mutate({ body: { id, capacityBytes: capacityBytes ?? 0, note } })}
    >
      <TextField
        label="Id"
        constraint="As on its case; also the name of its folder in a dock"
        value={id}
        onChange={setId}
      />
      <CapacityField value={capacity} onChange={setCapacity} />
      <TextField label="Note (optional)" value={note} onChange={setNote} />
    </CallDialog>
  );
}

interface DeviceDialogProps {
  device: DeviceDetail;
  onClose: () => void;
}

/** Changes what is written down about a device. */
export function EditDevice({ device, onClose }: DeviceDialogProps) {
  const [note, setNote] = useState(device.note);
  const [capacity, setCapacity] = useState(formatSize(device.capacityBytes));
  const call = useCall('changeDevice', onClose);
  const fixed = device.owner === 'customer' || isNeeded({ jobState: device.job?.state ?? null });
  const capacityBytes = parseBytes(capacity);
  const resized = capacity !== formatSize(device.capacityBytes);
  return (
    <CallDialog
      title={`Edit device ${device.id}`}
      confirm="Save"
      call={call}
      disabled={!capacityBytes}
      onClose={onClose}
      onConfirm={() =>
        call.mutate({
          params: { deviceId: device.id },
          body: { note, ...(resized && capacityBytes && { capacityBytes }) },
        })
      }
    >
      {!fixed && <CapacityField value={capacity} onChange={setCapacity} />}
      <TextField label="Note" value={note} onChange={setNote} />
    </CallDialog>
  );
}

/** Does a step of a device's life, after its consequence was read. */
export function ActOnDevice({
  device,
  action,
  onClose,
}: DeviceDialogProps & { action: DeviceAction }) {
  const { label, consequence, to } = DEVICE_ACTIONS[action];
  const [note, setNote] = useState(device.note);
  const call = useCall('changeDevice', onClose);
  return (
    <CallDialog
      title={`${label}: ${device.id}?`}
      confirm={label}
      call={call}
      onClose={onClose}
      onConfirm={() => call.mutate({ params: { deviceId: device.id }, body: { state: to, note } })}
    >
      <Box>{consequence}</Box>
      <TextField
        label="Note"
        description="Why, and where it lies: whoever looks for it reads this."
        value={note}
        onChange={setNote}
      />
    </CallDialog>
  );
}
