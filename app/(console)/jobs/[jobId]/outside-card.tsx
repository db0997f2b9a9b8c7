'use client';

import Alert from '@cloudscape-design/components/alert';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { JobDetail } from '../../../../lib/api/schemas/job-schemas.ts';
import { ACTIONS } from '../../../../lib/domain/lifecycle.ts';
import { Command } from '../../../_ui/copyable.tsx';

/** A job that is not managed in the console: the commands that do what buttons would. */
export function OutsideCard({ job }: { job: JobDetail }) {
  const commands = [
    ...(job.credentialsAvailable
      ? [
          ['Download the manifest', `waybill job manifest ${job.id}`],
          ['Reveal the unlock code', `waybill job unlock-code ${job.id}`],
        ]
      : []),
    ...job.offers.map(({ action, command }) => [ACTIONS[action].label, command]),
  ];
  return (
    <Alert type="info" header="Managed outside the console">
      Disk jobs are tracked here and managed by command line and API.
      <SpaceBetween size="xxs">
        {commands.map(([label = '', command = '']) => (
          <div key={command}>
            {label}: <Command text={command} what={label} />
          </div>
        ))}
      </SpaceBetween>
    </Alert>
  );
}
