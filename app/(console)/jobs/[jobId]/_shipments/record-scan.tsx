'use client';

import Box from '@cloudscape-design/components/box';
import { useState } from 'react';
import { useCall } from '../../../../_data/api.ts';
import { CallDialog } from '../../../../_ui/dialogs.tsx';
import { useNotify } from '../../../../_ui/notices.tsx';
import { TextField } from '../../../../_ui/text-field.tsx';
import type { JobDialogProps } from '../job-part.ts';

/** Notes where the device was seen on its way. */
export function RecordScan({ job, onClose }: JobDialogProps) {
  const notify = useNotify();
  const [place, setPlace] = useState('');
  const [note, setNote] = useState('');
  const call = useCall('addScan', () => {
    notify('success', `${job.name}: scan recorded.`);
    onClose();
  });
  return (
    <CallDialog
      title="Record a scan"
      confirm="Record"
      disabled={place.trim() === ''}
      call={call}
      onClose={onClose}
      onConfirm={() => call.mutate({ params: { jobId: job.id }, body: { place, note } })}
    >
      <Box>It is written to the custody log with the time of now and cannot be taken back.</Box>
      <TextField
        label="Place"
        constraint="As the carrier says it: Rotterdam hub"
        value={place}
        onChange={setPlace}
        autoFocus
      />
      <TextField label="Note (optional)" value={note} onChange={setNote} />
    </CallDialog>
  );
}
