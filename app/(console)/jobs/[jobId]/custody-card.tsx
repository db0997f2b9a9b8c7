'use client';

import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useApi } from '../../../_data/api.ts';
import { usePages } from '../../../_data/paging.tsx';
import { custodyColumns } from '../../../_parts/custody-columns.tsx';
import type { CustodyFilterValue } from '../../../_parts/custody-filter.tsx';
import { DataTable } from '../../../_ui/data-table.tsx';
import { LoadingFilter } from '../../../_ui/loading-placeholders.tsx';

/** Filters are large: they come when the list stands. */
const CustodyFilter = dynamic(
  () => import('../../../_parts/custody-filter.tsx').then((part) => part.CustodyFilter),
  { ssr: false, loading: LoadingFilter },
);

const PAGE = 50;

/** Everything that happened to the job and its device, newest first. */
export function CustodyCard({ jobId }: { jobId: string }) {
  const pages = usePages<number>();
  const [filter, setFilter] = useState<CustodyFilterValue>({});
  const query = { ...filter, jobId, limit: PAGE, before: pages.mark };
  const list = useApi('listCustody', { query }, { keep: true });
  const names = list.data?.names ?? {};
  const change = (next: CustodyFilterValue) => {
    setFilter(next);
    pages.restart();
  };
  return (
    <DataTable
      title="Custody log"
      description="Append-only, each entry hashed with the one before it"
      columns={custodyColumns(names)}
      rows={list.data?.entries}
      rowId={(entry) => String(entry.seq)}
      error={list.error}
      onRetry={() => void list.refetch()}
      filter={<CustodyFilter ofOneJob names={names} value={filter} onChange={change} />}
      pagination={pages.control(list.data?.next)}
      none="Nothing has happened yet."
      onClearFilter={Object.keys(filter).length > 0 ? () => change({}) : undefined}
    />
  );
}
