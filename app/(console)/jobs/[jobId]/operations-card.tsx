'use client';

import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator';
import type { TableProps } from '@cloudscape-design/components/table';
import type { JobDetail } from '../../../../lib/api/schemas/job-schemas.ts';
import type { OperationState } from '../../../../lib/domain/operations.ts';
import { formatDuration } from '../../../../lib/domain/sizes.ts';
import { DataTable } from '../../../_ui/data-table.tsx';
import { Instant } from '../../../_ui/instant.tsx';

type Row = JobDetail['operations'][number];

const LOOK: Record<OperationState, StatusIndicatorProps.Type> = {
  planned: 'pending',
  running: 'in-progress',
  waiting: 'warning',
  failed: 'error',
  done: 'success',
};

const COLUMNS: TableProps.ColumnDefinition<Row>[] = [
  { id: 'operation', header: 'Operation', isRowHeader: true, cell: ({ label }) => label },
  {
    id: 'state',
    header: 'State',
    cell: ({ state }) => <StatusIndicator type={LOOK[state]}>{state}</StatusIndicator>,
  },
  { id: 'waits', header: 'Waits for', cell: (row) => <Waits row={row} /> },
  {
    id: 'attempt',
    header: 'Attempt',
    cell: ({ attempt, maximumRetries }) =>
      attempt > 0 ? `${attempt} of ${maximumRetries + 1}` : '–',
  },
  {
    id: 'rule',
    header: 'Given up, tried again',
    cell: ({ attemptTimeoutMs, retryDelayMs }) =>
      `after ${formatDuration(attemptTimeoutMs)} without progress; again after ${formatDuration(retryDelayMs)}`,
  },
  { id: 'needs', header: 'Needs', cell: ({ preconditions }) => preconditions.join('; ') },
];

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
