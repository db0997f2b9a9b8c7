'use client';

import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { DEVICE_STATE_AT } from '../../../../../lib/domain/devices.ts';
import {
  INCIDENT_KINDS,
  INCIDENT_OWNERS,
  INCIDENTS,
  type IncidentKind,
} from '../../../../../lib/domain/incidents.ts';
import { useCall } from '../../../../_data/api.ts';
import { DEVICE_SIGNS } from '../../../../_parts/status.tsx';
import { CallDialog } from '../../../../_ui/dialogs.tsx';
import { sentence } from '../../../../_ui/failure.tsx';
import { useNotify } from '../../../../_ui/notices.tsx';
import type { JobDialogProps } from '../job-part.ts';

const KINDS = INCIDENT_KINDS.map((value) => ({ value, label: INCIDENTS[value].label }));

/** Reports what went wrong, and says before what becomes of the device and who goes on. */
export function ReportIncident({ job, onClose }: JobDialogProps) {
  const notify = useNotify();
  const [kind, setKind] = useState<IncidentKind>();
  const [note, setNote] = useState('');
  const call = useCall('reportIncident', () => {
    notify('success', `${job.name}: incident reported.`);
    onClose();
  });
  const row = kind && INCIDENTS[kind];
  return (
    <CallDialog
      title="Report incident"
      confirm="Report"
      disabled={kind === undefined}
      call={call}
      onClose={onClose}
      onConfirm={() => kind && call.mutate({ params: { jobId: job.id }, body: { kind, note } })}
    >
      <FormField label="What happened">
        <Select
          options={KINDS}
          selectedOption={KINDS.find(({ value }) => value === kind) ?? null}
          placeholder="Choose what happened"
          onChange={({ detail }) => setKind(detail.selectedOption.value as IncidentKind)}
        />
      </FormField>
      <Note value={note} onChange={setNote} />
      {row && (
        <Box>
          The job stays “needs attention” until this is resolved, and those who asked to be told
          are.{' '}
          {row.device &&
            job.device &&
            `The device ${job.device.id} becomes “${DEVICE_SIGNS[row.device][1]}”. `}
          Next, for the {INCIDENT_OWNERS[row.owner]}: {sentence(row.next)}
        </Box>
      )}
    </CallDialog>
  );
}

/** Resolves all that is open, and says before what becomes of the device. */
export function ResolveIncidents({ job, onClose }: JobDialogProps) {
  const notify = useNotify();
  const [note, setNote] = useState('');
  const call = useCall('resolveIncident', () => {
    notify('success', `${job.name}: nothing is open any more.`);
    onClose();
  });
  const open = job.incidents.filter(({ resolvedAt }) => resolvedAt === null);
  const back = DEVICE_STATE_AT[job.state];
  return (
    <CallDialog
      title={open.length === 1 ? 'Resolve the incident?' : `Resolve ${open.length} incidents?`}
      confirm="Resolve"
      call={call}
      onClose={onClose}
      onConfirm={() => call.mutate({ params: { jobId: job.id }, body: { note } })}
    >
      <Box>
        {open.map(({ kind }) => INCIDENTS[kind].label).join('; ')}: resolved. The job goes on from
        where it is
        {back && job.device
          ? `, and the device ${job.device.id} is “${DEVICE_SIGNS[back][1]}” again.`
          : '.'}
      </Box>
      <Note value={note} onChange={setNote} />
    </CallDialog>
  );
}

function Note({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <FormField label="Note for the custody log (optional)" stretch>
      <Textarea value={value} rows={3} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}
