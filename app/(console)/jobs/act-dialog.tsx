'use client';

import Alert from '@cloudscape-design/components/alert';
import { useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import type { JobSummary } from '../../../lib/api/schemas/job-schemas.ts';
import { counted } from '../../../lib/domain/counted.ts';
import type { ActionOffer } from '../../../lib/domain/lifecycle-decision.ts';
import { useCall } from '../../_data/api.ts';
import { TellDialog } from '../../_ui/dialogs.tsx';
import { inOneText } from '../../_ui/failure.tsx';
import { useNotify } from '../../_ui/notices.tsx';
import { ActionConfirm } from './action-confirm.tsx';

interface ActDialogProps {
  jobs: readonly JobSummary[];
  offer: ActionOffer;
  onClose: () => void;
}

/** Asks before an action is done on jobs, and tells what became of each. */
export function ActDialog({ jobs, offer, onClose }: ActDialogProps) {
  const notify = useNotify();
  const [refused, setRefused] = useState<CallResult<'actOnJobs'>['results']>();
  const nameOf = (jobId: string) => jobs.find(({ id }) => id === jobId)?.name ?? jobId;
  const call = useCall('actOnJobs', ({ results }) => {
    const differing = results
      .filter(({ sealsDiffer }) => sealsDiffer)
      .map(({ jobId }) => nameOf(jobId));
    if (differing.length > 0) notify('error', `Tamper seals differ: ${differing.join(', ')}.`);
    const failed = results.filter(({ error }) => error !== null);
    const done = results.length - failed.length;
    if (done > 0) notify('success', `${offer.label}: done for ${counted(done, 'job')}.`);
    if (failed.length === 0) onClose();
    else setRefused(failed);
  });
  if (refused) {
    return (
      <TellDialog
        title={`${offer.label}: refused for ${counted(refused.length, 'job')}`}
        confirm="Done"
        onClose={onClose}
      >
        {refused.map(({ jobId, error }) => (
          <Alert key={jobId} type="error" header={nameOf(jobId)}>
            {error && inOneText(error)}
          </Alert>
        ))}
      </TellDialog>
    );
  }
  const request = { action: offer.action, jobIds: jobs.map(({ id }) => id) };
  return (
    <ActionConfirm
      offer={offer}
      jobs={jobs}
      call={call}
      onClose={onClose}
      onConfirm={(facts) => call.mutate({ body: { ...request, ...facts } })}
    />
  );
}
