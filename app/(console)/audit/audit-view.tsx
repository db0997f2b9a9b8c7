'use client';

import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { TableProps } from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useApi } from '../../_ui/api.ts';
import { CUSTODY_COLUMNS, type CustodyEntry } from '../../_ui/custody-columns.tsx';
import { DataTable } from '../../_ui/data-table.tsx';
import { Failure } from '../../_ui/failure.tsx';
import { RouterLink } from '../../_ui/router-link.tsx';

const PAGE = 50;

const COLUMNS: TableProps.ColumnDefinition<CustodyEntry>[] = [
  ...CUSTODY_COLUMNS.slice(0, 3),
  {
    id: 'job',
    header: 'Job',
    minWidth: 180,
    cell: ({ jobId }) => (jobId ? <RouterLink href={`/jobs/${jobId}`}>{jobId}</RouterLink> : '–'),
  },
  ...CUSTODY_COLUMNS.slice(3),
];

/** The custody log of the whole installation, newest first. */
export function AuditView() {
  const [before, setBefore] = useState<number>();
  const list = useApi('listCustody', { query: { limit: PAGE, before } }, { keep: true });
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
      columns={COLUMNS}
      rows={list.data?.entries}
      rowId={(entry) => String(entry.seq)}
      error={list.error}
      onRetry={() => void list.refetch()}
      actions={
        <Button
          loading={check.isFetching}
          onClick={() => (checking ? void check.refetch() : setChecking(true))}
        >
          Verify the chain
        </Button>
      }
      none="Nothing has happened yet."
      pagination={
        <SpaceBetween direction="horizontal" size="xs">
          <Button disabled={before === undefined} onClick={() => setBefore(undefined)}>
            Newest
          </Button>
          <Button
            disabled={!list.data?.next}
            onClick={() => setBefore(list.data?.next ?? undefined)}
          >
            Older
          </Button>
        </SpaceBetween>
      }
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
