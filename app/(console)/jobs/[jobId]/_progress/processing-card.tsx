'use client';

import type { TableProps } from '@cloudscape-design/components/table';
import type {
  ProcessingResults,
  StepResult,
} from '../../../../../lib/domain/processing-results.ts';
import { formatBytes, formatDuration } from '../../../../../lib/domain/sizes.ts';
import { DataTable } from '../../../../_ui/data-table.tsx';

const n = (count: number): string => count.toLocaleString('en');
const COLUMNS: TableProps.ColumnDefinition<StepResult>[] = [
  { id: 'step', header: 'Step', isRowHeader: true, cell: ({ step }) => step },
  { id: 'in', header: 'Objects in', cell: ({ objectsIn }) => n(objectsIn) },
  { id: 'bytesIn', header: 'Bytes in', cell: ({ bytesIn }) => formatBytes(bytesIn) },
  { id: 'out', header: 'Objects out', cell: ({ objectsOut }) => n(objectsOut) },
  { id: 'bytesOut', header: 'Bytes out', cell: ({ bytesOut }) => formatBytes(bytesOut) },
  { id: 'failures', header: 'Failures', cell: ({ failures }) => n(failures) },
  { id: 'time', header: 'Time of work', cell: ({ ms }) => formatDuration(ms) },
];

/** What processing at the edge did, a row a step. */
export function ProcessingCard({ results }: { results: ProcessingResults }) {
  const { inputs, outputs, kept } = results;
  return (
    <DataTable
      title="Processing at the edge"
      description={`${n(inputs.objects)} objects (${formatBytes(inputs.bytes)}) became ${n(outputs.objects)} (${formatBytes(outputs.bytes)})${kept > 0 ? `; ${n(kept)} kept as they were, since a step failed` : ''}`}
      columns={COLUMNS}
      rows={results.steps.map((step, i) => ({ ...step, i }))}
      rowId={({ i }) => String(i)}
      none="This job has no steps."
    />
  );
}
