'use client';

import type { ListedFunction } from '../../../lib/api/schemas/processing-schemas.ts';
import { counted } from '../../../lib/domain/counted.ts';
import { useCall } from '../../_data/api.ts';
import { CallDialog } from '../../_ui/dialogs.tsx';
import { useNotify } from '../../_ui/notices.tsx';

interface RemoveFunctionProps {
  one: ListedFunction;
  onClose: () => void;
}

/** Forgets a function, after what follows from it was said. */
export function RemoveFunction({ one: { name, jobs, openJobs }, onClose }: RemoveFunctionProps) {
  const notify = useNotify();
  const call = useCall('removeFunction', () => {
    notify('success', `${name} is removed.`);
    onClose();
  });
  return (
    <CallDialog
      title={`Remove the function ${name}?`}
      confirm="Remove"
      call={call}
      onClose={onClose}
      onConfirm={() => call.mutate({ params: { name } })}
    >
      <div>
        Nobody can take it for a new job any more, and a request that names its ARN is refused until
        a function is kept under this name again. Its code is not kept elsewhere: show it first if
        you have no copy.
      </div>
      <div>
        {jobs === 0
          ? 'No job has its code.'
          : `${counted(jobs, 'job has', 'jobs have')} a copy of its code, ${openJobs.toLocaleString('en')} of them open. They stay as they are.`}
      </div>
    </CallDialog>
  );
}
