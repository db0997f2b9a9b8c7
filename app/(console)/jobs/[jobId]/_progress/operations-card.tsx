'use client';

import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Popover from '@cloudscape-design/components/popover';
import type { TableProps } from '@cloudscape-design/components/table';
import type { JobDetail } from '../../../../../lib/api/schemas/job-schemas.ts';
import { formatDuration } from '../../../../../lib/domain/sizes.ts';
import type { OperationState } from '../../../../../lib/domain/words.ts';
import { DataTable } from '../../../../_ui/data-table.tsx';
import { sentence } from '../../../../_ui/failure.tsx';
import { Instant } from '../../../../_ui/instant.tsx';
import { type Sign, Signed } from '../../../../_ui/status-icon.tsx';

type Row = JobDetail['operations'][number];

const SIGNS: Record<OperationState, Sign> = {
  planned: ['pending', 'Planned'],
  running: ['in-progress', 'Running'],
  waiting: ['warning', 'Waiting'],
  failed: ['error', 'Failed'],
  done: ['success', 'Done'],
};

const COLUMNS: TableProps.ColumnDefinition<Row>[] = [
  {
    id: 'operation',
    header: 'Operation',
    isRowHeader: true,
    minWidth: 160,
    cell: ({ label }) => label,
  },
  {
    id: 'state',
    header: 'State',
    minWidth: 120,
    cell: ({ state }) => <Signed type={SIGNS[state][0]}>{SIGNS[state][1]}</Signed>,
  },
  { id: 'waits', header: 'Waits for', minWidth: 200, cell: (row) => <Waits row={row} /> },
  { id: 'attempt', header: 'Attempts', minWidth: 120, cell: (row) => <Attempts row={row} /> },
];

/** Which attempt it is; the rules of an operation are read once in a while, and have no column. */
function Attempts({ row }: { row: Row }) {
  const { label, attempt, maximumRetries, attemptTimeoutMs, retryDelayMs, preconditions } = row;
  const most = maximumRetries + 1;
  return (
    <Popover
      header={label}
      triggerAriaLabel={`Rules of the attempts: ${label}`}
      dismissAriaLabel="Close"
      renderWithPortal
      content={
        <KeyValuePairs
          items={[
            { label: 'Given up', value: `${formatDuration(attemptTimeoutMs)} without progress` },
            { label: 'Tried again', value: `after ${formatDuration(retryDelayMs)}` },
            { label: 'Needs', value: preconditions.map(sentence).join(' ') },
          ]}
        />
      }
    >
      {attempt > 0 ? `${attempt} of ${most}` : `up to ${most}`}
    </Popover>
  );
}

function Waits({ row: { waits, message, retryAt } }: { row: Row }) {
  if (!waits) return message ?? '–';
  return (
    <>
      {waits}
      {retryAt && (
        <>
          , next at <Instant at={retryAt} />
        </>
      )}
    </>
  );
}

/** The long operations of agent and station: how each stands, what it waits for, when it is tried again. */
export function OperationsCard({ job }: { job: JobDetail }) {
  return (
    <DataTable
      title="Operations"
      description="What agent and station do for this job, in this order"
      columns={COLUMNS}
      rows={job.operations}
      rowId={({ operation }) => operation}
      none="This job has no operations."
    />
  );
}
