'use client';

import { useApi } from '../../../_ui/api.ts';
import { CUSTODY_COLUMNS } from '../../../_ui/custody-columns.tsx';
import { DataTable } from '../../../_ui/data-table.tsx';

/** Everything that happened to the job and its device, in order. */
export function CustodyCard({ jobId }: { jobId: string }) {
  const { data, error, refetch } = useApi('jobCustody', { params: { jobId } });
  return (
    <DataTable
      title="Custody log"
      description="Append-only, each entry hashed with the one before it"
      columns={CUSTODY_COLUMNS}
      rows={data?.entries}
      rowId={(entry) => String(entry.seq)}
      error={error}
      onRetry={() => void refetch()}
      none="Nothing has happened yet."
    />
  );
}
