'use client';

import { useState } from 'react';
import { useCall } from '../../../../_data/api.ts';
import { CallDialog } from '../../../../_ui/dialogs.tsx';
import { useNotify } from '../../../../_ui/notices.tsx';
import { ArrivalSeals, NO_SEALS, sealsOf } from '../../arrival-seals.tsx';
import type { JobDialogProps } from '../job-part.ts';

/** Compares the tamper seals of a device that was taken in without, as a station does by itself. */
export function CompareSeals({ job, onClose }: JobDialogProps) {
  const notify = useNotify();
  const [typed, setTyped] = useState(NO_SEALS);
  const sealNumbers = sealsOf(typed);
  const call = useCall('enterSeals', (after) => {
    const differs = after.incidents.some(
      ({ kind, resolvedAt }) => kind === 'seal-differs' && resolvedAt === null,
    );
    if (differs) notify('error', `${job.name}: tamper seals differ.`);
    else notify('success', `${job.name}: tamper seals are those of the departure.`);
    onClose();
  });
  return (
    <CallDialog
      title="Compare tamper seals"
      confirm="Compare"
      disabled={sealNumbers === undefined}
      call={call}
      onClose={onClose}
      onConfirm={() =>
        sealNumbers && call.mutate({ params: { jobId: job.id }, body: { sealNumbers } })
      }
    >
      <ArrivalSeals
        jobs={[job]}
        typed={{ [job.id]: typed }}
        onChange={(_, next) => setTyped(next)}
      />
    </CallDialog>
  );
}
