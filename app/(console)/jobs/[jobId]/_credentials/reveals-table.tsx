'use client';

import type { TableProps } from '@cloudscape-design/components/table';
import type { JobDetail } from '../../../../../lib/api/schemas/job-schemas.ts';
import { DataTable } from '../../../../_ui/data-table.tsx';
import { Instant } from '../../../../_ui/instant.tsx';

type Reveal = JobDetail['reveals'][number];

const COLUMNS: TableProps.ColumnDefinition<Reveal>[] = [
  {
    id: 'what',
    header: 'What',
    isRowHeader: true,
    cell: ({ what }) => (what === 'manifest' ? 'Manifest downloaded' : 'Unlock code revealed'),
  },
  { id: 'by', header: 'By', cell: ({ by }) => by },
  {
    id: 'channel',
    header: 'Through',
    cell: ({ channel }) => (channel === 'browser' ? 'the console' : 'command line or API'),
  },
  { id: 'at', header: 'When', minWidth: 170, cell: ({ at }) => <Instant at={at} /> },
];

/** Who had the manifest and saw the unlock code, newest first. */
export function RevealsTable({ reveals }: Pick<JobDetail, 'reveals'>) {
  return (
    <DataTable
      title="Reveals"
      counter={`(${reveals.length})`}
      description="Who downloaded the manifest and who saw the unlock code, from the custody log"
      columns={COLUMNS}
      rows={reveals.toReversed()}
      rowId={({ at, what, by }) => `${at} ${what} ${by}`}
      none="Nobody has had the credentials of this job."
    />
  );
}
