'use client';

import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { JobSummary } from '../../../lib/api/schemas/job-schemas.ts';
import type { ActionOffer } from '../../../lib/domain/lifecycle-decision.ts';
import { usePerson } from '../../_data/session.tsx';
import { outsideCommands, sharedActions } from './shared-actions.ts';

const CommandsDialog = dynamic(() =>
  import('./commands-dialog.tsx').then((part) => part.CommandsDialog),
);
const ActDialog = dynamic(() => import('./act-dialog.tsx').then((part) => part.ActDialog));

/** What can be done with all jobs that are chosen. */
export function BulkActions({ jobs, onDone }: { jobs: readonly JobSummary[]; onDone: () => void }) {
  const { role } = usePerson();
  const [chosen, setChosen] = useState<ActionOffer>();
  const [outside, setOutside] = useState(false);
  const shared = sharedActions(jobs, role);
  const commands = outsideCommands(jobs);
  return (
    <>
      <ButtonDropdown
        disabled={jobs.length === 0}
        items={[
          ...shared.map(({ action, label }) => ({ id: action, text: label })),
          ...(commands.length > 0 ? [{ id: 'commands', text: 'Show commands' }] : []),
          ...(shared.length + commands.length === 0
            ? [{ id: 'none', text: 'No action is possible for all of them now', disabled: true }]
            : []),
        ]}
        onItemClick={({ detail }) => {
          if (detail.id === 'commands') setOutside(true);
          else setChosen(shared.find(({ action }) => action === detail.id));
        }}
      >
        Actions
      </ButtonDropdown>
      {chosen && (
        <ActDialog
          jobs={jobs}
          offer={chosen}
          onClose={() => {
            setChosen(undefined);
            onDone();
          }}
        />
      )}
      {outside && <CommandsDialog commands={commands} onClose={() => setOutside(false)} />}
    </>
  );
}
