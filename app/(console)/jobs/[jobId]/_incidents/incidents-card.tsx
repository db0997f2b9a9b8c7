'use client';

import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { TableProps } from '@cloudscape-design/components/table';
import type { JobDetail } from '../../../../../lib/api/schemas/job-schemas.ts';
import { INCIDENTS } from '../../../../../lib/domain/incidents.ts';
import { FINAL_STATES } from '../../../../../lib/domain/lifecycle.ts';
import { DOERS } from '../../../../../lib/domain/next-step-words.ts';
import { permits } from '../../../../../lib/domain/permissions.ts';
import { usePerson } from '../../../../_data/session.tsx';
import { DataTable } from '../../../../_ui/data-table.tsx';
import { sentence } from '../../../../_ui/failure.tsx';
import { Instant } from '../../../../_ui/instant.tsx';
import type { JobPartProps } from '../job-part.ts';

type Incident = JobDetail['incidents'][number];

const COLUMNS: TableProps.ColumnDefinition<Incident>[] = [
  {
    id: 'kind',
    header: 'What happened',
    minWidth: 150,
    isRowHeader: true,
    cell: ({ kind }) => INCIDENTS[kind].label,
  },
  { id: 'note', header: 'Note', minWidth: 160, cell: ({ note }) => shortDigests(note) || '–' },
  {
    id: 'owner',
    header: 'Owner',
    minWidth: 100,
    cell: ({ owner }) => DOERS[owner],
  },
  { id: 'next', header: 'Next step', minWidth: 220, cell: ({ next }) => sentence(next) },
  {
    id: 'opened',
    header: 'Reported',
    minWidth: 170,
    cell: (row) => (
      <>
        <Instant at={row.openedAt} /> by {row.reportedByName}
      </>
    ),
  },
  {
    id: 'resolved',
    header: 'Resolved',
    minWidth: 170,
    cell: ({ resolvedAt, resolution }) =>
      resolvedAt === null ? (
        'open'
      ) : (
        <>
          <Instant at={resolvedAt} />
          {resolution && ` by ${resolution.by}`}
          {resolution?.note && `: ${resolution.note}`}
        </>
      ),
  },
];

/** A digest of 64 digits is one word, and would push the other columns out; the report names it in full. */
const shortDigests = (note: string): string =>
  note.replaceAll(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…');

/** What went wrong, who mends it and how. */
export function IncidentsCard({ job, onOpenDialog }: JobPartProps) {
  const { role } = usePerson();
  const isRunning = job.manageable && !FINAL_STATES.includes(job.state);
  return (
    <DataTable
      title="Incidents"
      columns={COLUMNS}
      rows={job.incidents}
      rowId={(row) => String(row.id)}
      none="Nothing has gone wrong. Lost, refused, damaged, a wrong device, a seal that differs: report it here, and the job says who goes on and how."
      actions={
        isRunning && (
          <SpaceBetween direction="horizontal" size="xs">
            {permits(role, 'job.resolve-incident') && job.attention && (
              <Button onClick={() => onOpenDialog({ what: 'resolve-incidents' })}>Resolve</Button>
            )}
            {permits(role, 'job.incident') && (
              <Button onClick={() => onOpenDialog({ what: 'report-incident' })}>
                Report incident
              </Button>
            )}
          </SpaceBetween>
        )
      }
    />
  );
}
