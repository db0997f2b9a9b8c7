'use client';

import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { TableProps } from '@cloudscape-design/components/table';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import type { JobDetail } from '../../../../lib/api/schemas/job-schemas.ts';
import { INCIDENT_KINDS, INCIDENTS, type IncidentKind } from '../../../../lib/domain/incidents.ts';
import { FINAL_STATES } from '../../../../lib/domain/lifecycle.ts';
import { permits } from '../../../../lib/domain/permissions.ts';
import { useCall } from '../../../_ui/api.ts';
import { Confirm } from '../../../_ui/confirm.tsx';
import { DataTable } from '../../../_ui/data-table.tsx';
import { Instant } from '../../../_ui/instant.tsx';
import { usePerson } from '../../../_ui/session.tsx';

type Incident = JobDetail['incidents'][number];

const COLUMNS: TableProps.ColumnDefinition<Incident>[] = [
  {
    id: 'kind',
    header: 'What happened',
    isRowHeader: true,
    cell: ({ kind }) => INCIDENTS[kind].label,
  },
  { id: 'note', header: 'Note', cell: ({ note }) => note || '–' },
  { id: 'next', header: 'Next step', cell: ({ next, owner }) => `${next} (${owner})` },
  { id: 'opened', header: 'Reported', cell: (row) => <Instant at={row.openedAt} /> },
  { id: 'resolved', header: 'Resolved', cell: (row) => <Instant at={row.resolvedAt} /> },
];

/** What went wrong, and who mends it. */
export function IncidentsCard({ job }: { job: JobDetail }) {
  const { role } = usePerson();
  const [dialog, setDialog] = useState<'report' | 'resolve'>();
  const close = () => setDialog(undefined);
  const running = job.manageable && !FINAL_STATES.includes(job.state);
  return (
    <>
      <DataTable
        title="Incidents"
        columns={COLUMNS}
        rows={job.incidents}
        rowId={(row) => String(row.id)}
        none="Nothing has gone wrong."
        actions={
          running && (
            <SpaceBetween direction="horizontal" size="xs">
              {permits(role, 'job.resolve-incident') && job.attention && (
                <Button onClick={() => setDialog('resolve')}>Resolve</Button>
              )}
              {permits(role, 'job.incident') && (
                <Button onClick={() => setDialog('report')}>Report incident</Button>
              )}
            </SpaceBetween>
          )
        }
      />
      {dialog === 'report' && <ReportIncident jobId={job.id} onClose={close} />}
      {dialog === 'resolve' && <ResolveIncidents jobId={job.id} onClose={close} />}
    </>
  );
}

interface DialogProps {
  jobId: string;
  onClose: () => void;
}

const KINDS = INCIDENT_KINDS.map((value) => ({ value, label: INCIDENTS[value].label }));

function ReportIncident({ jobId, onClose }: DialogProps) {
  const [kind, setKind] = useState<IncidentKind>('other');
  const [note, setNote] = useState('');
  const call = useCall('reportIncident', onClose);
  return (
    <Confirm
      title="Report an incident"
      confirm="Report"
      busy={call.isPending}
      error={call.error}
      onDismiss={onClose}
      onConfirm={() => call.mutate({ params: { jobId }, body: { kind, note } })}
    >
      <FormField label="What happened" constraintText={`Next step: ${INCIDENTS[kind].next}`}>
        <Select
          options={KINDS}
          selectedOption={KINDS.find(({ value }) => value === kind) ?? null}
          onChange={({ detail }) => setKind(detail.selectedOption.value as IncidentKind)}
        />
      </FormField>
      <Note value={note} onChange={setNote} />
    </Confirm>
  );
}

function ResolveIncidents({ jobId, onClose }: DialogProps) {
  const [note, setNote] = useState('');
  const call = useCall('resolveIncident', onClose);
  return (
    <Confirm
      title="Resolve the open incidents?"
      confirm="Resolve"
      busy={call.isPending}
      error={call.error}
      onDismiss={onClose}
      onConfirm={() => call.mutate({ params: { jobId }, body: { note } })}
    >
      The job goes on from where it is.
      <Note value={note} onChange={setNote} />
    </Confirm>
  );
}

function Note({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <FormField label="Note" stretch>
      <Textarea value={value} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}
