'use client';

import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { routeUrl } from '../../../lib/api/client.ts';
import { useApi } from '../../_ui/api.ts';
import { auditColumns } from '../../_ui/custody-columns.tsx';
import type { CustodyFilterValue } from '../../_ui/custody-filter.tsx';
import { DataTable } from '../../_ui/data-table.tsx';
import { Failure } from '../../_ui/failure.tsx';
import { usePages } from '../../_ui/paging.tsx';
import { LoadingFilter } from '../../_ui/shown-later.tsx';
import { custodyAsk } from './custody-ask.ts';

/** Filters are large: they come when the list stands. */
const CustodyFilter = dynamic(
  () => import('../../_ui/custody-filter.tsx').then((part) => part.CustodyFilter),
  { ssr: false, loading: LoadingFilter },
);

/** The custody log of the whole installation, newest first. */
export function AuditView() {
  const pages = usePages<number>();
  const [filter, setFilter] = useState<CustodyFilterValue>({});
  const list = useApi('listCustody', custodyAsk(filter, pages.mark), { keep: true });
  const change = (next: CustodyFilterValue) => {
    setFilter(next);
    pages.restart();
  };
  const [checking, setChecking] = useState(false);
  const check = useApi('verifyCustody', undefined, { enabled: checking });
  return (
    <DataTable
      variant="full-page"
      title="Custody log"
      description={
        checking ? (
          <Checked check={check} />
        ) : (
          'Append-only; each entry is hashed with the one before it'
        )
      }
      columns={auditColumns(list.data?.names ?? {})}
      rows={list.data?.entries}
      rowId={(entry) => String(entry.seq)}
      error={list.error}
      onRetry={() => void list.refetch()}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button
            iconName="download"
            href={routeUrl('/audit/export', {}, { ...filter })}
            download="custody-log.jsonl"
          >
            Download
          </Button>
          <Button
            loading={check.isFetching}
            onClick={() => (checking ? void check.refetch() : setChecking(true))}
          >
            Verify the chain
          </Button>
        </SpaceBetween>
      }
      none="Nothing has happened yet."
      filter={<CustodyFilter names={list.data?.names ?? {}} value={filter} onChange={change} />}
      pagination={pages.control(list.data?.next)}
      onClearFilter={Object.keys(filter).length > 0 ? () => change({}) : undefined}
    />
  );
}

function Checked({ check }: { check: ReturnType<typeof useApi<'verifyCustody'>> }) {
  if (check.error) return <Failure error={check.error} />;
  if (!check.data) return <>Checking …</>;
  const { entries, brokenAt, head } = check.data;
  return brokenAt === null ? (
    <Alert type="success">
      The chain of {entries} entries is whole. Its head: <span className="long-word">{head}</span>
    </Alert>
  ) : (
    <Alert type="error">
      The chain is broken at entry {brokenAt}; the {entries} entries before it are whole. Somebody
      has changed the database by hand.
    </Alert>
  );
}
