'use client';

import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { routeUrl } from '../../../lib/api/client.ts';
import { WIRE } from '../../../lib/api/wire.ts';
import { useApi } from '../../_data/api.ts';
import { usePages } from '../../_data/paging.tsx';
import { auditColumns } from '../../_parts/custody-columns.tsx';
import type { CustodyFilterValue } from '../../_parts/custody-filter.tsx';
import { DataTable } from '../../_ui/data-table.tsx';
import { Failure } from '../../_ui/failure.tsx';
import { LoadingFilter } from '../../_ui/loading-placeholders.tsx';
import { CheckHeadDialog } from './check-head.tsx';
import { CheckResult } from './check-result.tsx';
import { custodyAsk } from './custody-ask.ts';

/** Filters are large: they come when the list stands. */
const CustodyFilter = dynamic(
  () => import('../../_parts/custody-filter.tsx').then((part) => part.CustodyFilter),
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
  const [comparing, setComparing] = useState(false);
  return (
    <>
      {comparing && <CheckHeadDialog onClose={() => setComparing(false)} />}
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
              iconName="download"
              href={routeUrl(WIRE.custodyHead.path, {})}
              download="custody-head.cms"
            >
              Signed head
            </Button>
            <Button onClick={() => setComparing(true)}>Check a head</Button>
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
    </>
  );
}

function Checked({ check }: { check: ReturnType<typeof useApi<'verifyCustody'>> }) {
  if (check.error) return <Failure error={check.error} />;
  return check.data ? <CheckResult check={check.data} /> : <>Checking …</>;
}
