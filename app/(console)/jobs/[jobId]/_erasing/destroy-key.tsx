'use client';

import Box from '@cloudscape-design/components/box';
import { useState } from 'react';
import { useCall } from '../../../../_data/api.ts';
import { CallDialog } from '../../../../_ui/dialogs.tsx';
import { useNotify } from '../../../../_ui/notices.tsx';
import { TextField } from '../../../../_ui/text-field.tsx';
import type { JobDialogProps } from '../job-part.ts';

/** Destroys what opens the volume of a job whose data has arrived. */
export function DestroyKey({ job, onClose }: JobDialogProps) {
  const notify = useNotify();
  const [note, setNote] = useState('');
  const call = useCall('destroyKey', () => {
    notify('success', `${job.name}: its key is destroyed.`);
    onClose();
  });
  return (
    <CallDialog
      title="Destroy the key of this job?"
      confirm="Destroy the key"
      disabled={note.trim() === ''}
      call={call}
      onClose={onClose}
      onConfirm={() => call.mutate({ params: { jobId: job.id }, body: { note } })}
    >
      <Box>
        No copy of the volume can be read with this installation any more, wherever one may be, and
        no manifest of the job can be had. Whoever holds a manifest with its unlock code, or a
        backup with the master key, still can. The certificate of erasure says so. This cannot be
        taken back.
      </Box>
      <TextField label="Why, for the custody log" value={note} onChange={setNote} autoFocus />
    </CallDialog>
  );
}
