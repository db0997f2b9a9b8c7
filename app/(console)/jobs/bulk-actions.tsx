'use client';

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import { useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import type { JobSummary } from '../../../lib/api/schemas/job-schemas.ts';
import { counted } from '../../../lib/domain/counted.ts';
import { type ActionOffer, actionCommand, offers } from '../../../lib/domain/lifecycle.ts';
import { OPTION_RULES } from '../../../lib/domain/options.ts';
import type { Role } from '../../../lib/domain/words.ts';
import { useCall } from '../../_ui/api.ts';
import { Command } from '../../_ui/copyable.tsx';
import { TellDialog } from '../../_ui/dialogs.tsx';
import { inOneText } from '../../_ui/failure.tsx';
import { useNotify } from '../../_ui/notices.tsx';
import { usePerson } from '../../_ui/session.tsx';
import { ActionConfirm } from './action-confirm.tsx';

/** What the rules offer for a job of a list, to a person in the console. */
export function offersOf(job: JobSummary, role: Role): ActionOffer[] {
  const facts = { ...job, jobId: job.id, hasDevice: job.deviceId !== null };
  return offers(facts, { role, channel: 'browser' });
}

/** The actions that every one of the jobs allows now. */
export function sharedActions(jobs: readonly JobSummary[], role: Role): ActionOffer[] {
  const [first = [], ...rest] = jobs.map((job) =>
    offersOf(job, role).filter(({ allowed }) => allowed),
  );
  return first.filter(({ action }) =>
    rest.every((offered) => offered.some((other) => other.action === action)),
  );
}

/** The commands that do the next steps of jobs that are managed outside the console. */
function outsideCommands(jobs: readonly JobSummary[]): string[] {
  return jobs
    .filter(({ option }) => !OPTION_RULES[option].managedInConsole)
    .flatMap((job) => offersOf(job, 'admin').map(({ action }) => actionCommand(action, job.id)));
}

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
      {outside && (
        <TellDialog
          title="Managed outside the console"
          confirm="Done"
          onClose={() => setOutside(false)}
        >
          <Box>Disk jobs are changed by command line and API. The next steps of those chosen:</Box>
          {commands.slice(0, 50).map((command) => (
            <Command key={command} text={command} />
          ))}
        </TellDialog>
      )}
    </>
  );
}

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
      jobs={jobs.map(({ name }) => name)}
      call={call}
      onClose={onClose}
      onConfirm={(facts) => call.mutate({ body: { ...request, ...facts } })}
    />
  );
}
