'use client';

import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { TableProps } from '@cloudscape-design/components/table';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import type { Losses } from '../../../../lib/api/schemas/evidence-schemas.ts';
import { counted } from '../../../../lib/domain/counted.ts';
import { useApi, useCall } from '../../../_data/api.ts';
import { Copyable } from '../../../_ui/copyable.tsx';
import { DataTable } from '../../../_ui/data-table.tsx';
import { CallDialog } from '../../../_ui/dialogs.tsx';
import { Failure } from '../../../_ui/failure.tsx';
import { Instant } from '../../../_ui/instant.tsx';
import { useNotify } from '../../../_ui/notices.tsx';
import { RouterLink } from '../../../_ui/router-link.tsx';
import type { JobDialogProps } from './job-part.ts';
import { jobAddress } from './job-tabs.ts';

/** Decisions of people that cannot be taken back: each says what follows, and asks why. */

const DAY_MS = 86_400_000;

/** Asks the station that has the device to try the failed objects again. */
export function RetryFailed({ job, onClose }: JobDialogProps) {
  const notify = useNotify();
  const call = useCall('retryFailed', () => {
    notify('success', `${job.name}: the failed objects are to be tried again.`);
    onClose();
  });
  return (
    <CallDialog
      title="Try the failed objects again?"
      confirm="Try again"
      call={call}
      onClose={onClose}
      onConfirm={() => call.mutate({ params: { jobId: job.id } })}
    >
      <Box>
        The station that has the device reads {counted(job.evidence.failed, 'object')} again and
        writes them; the others are not touched. Its report takes the place of the one that is
        there. Mend first what made them fail: the failure log says why.
      </Box>
    </CallDialog>
  );
}

/** Gives up what did not land, by the name of its list. */
export function AcceptLosses({ job, onClose }: JobDialogProps) {
  const notify = useNotify();
  const [note, setNote] = useState('');
  const { data: losses, error } = useApi('jobLosses', { params: { jobId: job.id } });
  const call = useCall('acceptLosses', () => {
    notify('success', `${job.name}: the loss is accepted.`);
    onClose();
  });
  return (
    <CallDialog
      title={
        losses ? `Accept the loss of ${counted(losses.objects, 'object')}?` : 'Accept the loss?'
      }
      confirm="Accept the loss"
      size="large"
      disabled={!losses || note.trim() === ''}
      call={call}
      onClose={onClose}
      onConfirm={() => {
        if (!losses) return;
        call.mutate({ params: { jobId: job.id }, body: { list: losses.list, note } });
      }}
    >
      {error ? <Failure error={error} /> : null}
      {!losses && !error && (
        <StatusIndicator type="loading">Loading what did not land</StatusIndicator>
      )}
      {losses && <LossList jobId={job.id} losses={losses} isErased={!isCustomers(job)} />}
      <Note value={note} onChange={setNote} />
    </CallDialog>
  );
}

const isCustomers = ({ evidence }: JobDialogProps['job']) => evidence.owner === 'customer';

const COLUMNS: TableProps.ColumnDefinition<Losses['first'][number]>[] = [
  { id: 'key', header: 'Key', minWidth: 160, isRowHeader: true, cell: ({ key }) => key || '–' },
  { id: 'reason', header: 'Reason', minWidth: 140, cell: ({ reason }) => reason },
  { id: 'detail', header: 'Detail', minWidth: 180, cell: ({ detail }) => detail || '–' },
];

function LossList(props: { jobId: string; losses: Losses; isErased: boolean }) {
  const { jobId, losses, isErased } = props;
  // By the browser's clock; the console counts from when it takes the decision.
  const [until] = useState(() => new Date(Date.now() + losses.graceDays * DAY_MS).toISOString());
  return (
    <SpaceBetween size="m">
      <Box>
        These objects are on the device and not in the store. Once their loss is accepted the job
        goes on
        {isErased ? (
          <>
            , and after the grace time of {counted(losses.graceDays, 'day')} the device is erased:
            not before <Instant at={until} />. Then nothing brings them back.
          </>
        ) : (
          ', and the disk goes back to its owner as it is.'
        )}{' '}
        Another attempt that changes the list takes the acceptance back.
      </Box>
      <KeyValuePairs
        items={[
          {
            label: 'Name of the list (SHA-256 of the failure log)',
            value: <Copyable text={losses.list} what="name of the list" />,
          },
        ]}
      />
      <DataTable
        title="The first lines"
        columns={COLUMNS}
        rows={losses.first}
        rowId={({ key, reason, detail }) => `${key} ${reason} ${detail}`}
        none="The log has no line."
      />
      <RouterLink href={jobAddress(jobId, 'report')}>All of the failure log</RouterLink>
    </SpaceBetween>
  );
}

/** Confirms that the data of an export was restored, where the site did not report it. */
export function ConfirmRestored({ job, onClose }: JobDialogProps) {
  const notify = useNotify();
  const [note, setNote] = useState('');
  const call = useCall('confirmRestored', () => {
    notify('success', `${job.name}: the restore is confirmed.`);
    onClose();
  });
  const { restore } = job.evidence;
  return (
    <CallDialog
      title="Confirm that the data was restored?"
      confirm="Confirm"
      disabled={note.trim() === ''}
      call={call}
      onClose={onClose}
      onConfirm={() => call.mutate({ params: { jobId: job.id }, body: { note } })}
    >
      <Box>
        {restore === null
          ? 'The site did not report that it restored the data.'
          : `The site reported its restore as ${restore}, not as done.`}{' '}
        Once it is confirmed a station erases the device. The objects stay in the store; what is on
        the device is gone.
      </Box>
      <Note value={note} onChange={setNote} />
    </CallDialog>
  );
}

/** Lets a device go that can never be verified. */
export function AllowErase({ job, onClose }: JobDialogProps) {
  const notify = useNotify();
  const [note, setNote] = useState('');
  const call = useCall('allowErase', () => {
    notify('success', `${job.name}: its device may be erased without proof.`);
    onClose();
  });
  return (
    <CallDialog
      title="Allow to erase without proof?"
      confirm="Allow erasing"
      disabled={note.trim() === ''}
      call={call}
      onClose={onClose}
      onConfirm={() => call.mutate({ params: { jobId: job.id }, body: { note } })}
    >
      <Box>
        For a device that can never be verified: destroyed, foreign, without a seal. From now on
        somebody at the station may erase it by hand, with waybill station erase; no station does it
        by itself. What it holds is gone then, also what has not landed. Where its seal can be
        verified after all it is, and the certificate says so; else it says “not verified”, who
        allowed it and why. A grace time is not ended by this. This cannot be taken back.
      </Box>
      <Note value={note} onChange={setNote} />
    </CallDialog>
  );
}

function Note({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <FormField label="Why, for the custody log" stretch>
      <Textarea value={value} rows={3} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}
