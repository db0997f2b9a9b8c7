'use client';

import type { TableProps } from '@cloudscape-design/components/table';
import type { CallResult } from '../../../../lib/api/client.ts';
import { formatJobFilter } from '../../../../lib/domain/job-filter.ts';
import { useApi } from '../../../_data/api.ts';
import { usePages } from '../../../_data/paging.tsx';
import { auditColumns } from '../../../_parts/custody-columns.tsx';
import { ErasureDownloads } from '../../../_parts/erasure-downloads.tsx';
import { DataTable } from '../../../_ui/data-table.tsx';
import { Instant } from '../../../_ui/instant.tsx';
import { RouterLink } from '../../../_ui/router-link.tsx';
import { JOB_COLUMNS } from '../../jobs/job-columns.tsx';

const PAGE = 20;
const SHOWN = ['name', 'state', 'option', 'progress', 'created'];

/** Every job that had the device, newest first. */
export function DeviceJobs({ deviceId }: { deviceId: string }) {
  const pages = usePages<number>();
  const token = { property: 'device', operator: '=', values: [deviceId] } as const;
  const filter = formatJobFilter({ join: 'and', tokens: [token] });
  const query = { filter, limit: PAGE, before: pages.mark };
  const { data, error, refetch } = useApi('listJobs', { query }, { keep: true });
  return (
    <DataTable
      title="Its jobs"
      columns={JOB_COLUMNS.filter(({ id }) => SHOWN.includes(id ?? ''))}
      rows={data?.jobs}
      rowId={(job) => job.id}
      error={error}
      onRetry={() => void refetch()}
      pagination={pages.control(data?.next)}
      none="No job has had it yet. A station gives it to the next job that fits."
    />
  );
}

type Erasure = CallResult<'listErasures'>['erasures'][number];

const VERIFIED = { true: 'yes', false: 'not verified', null: 'not recorded' } as const;

const ERASURE_COLUMNS: TableProps.ColumnDefinition<Erasure>[] = [
  { id: 'at', header: 'Erased', isRowHeader: true, cell: ({ at }) => <Instant at={at} /> },
  {
    id: 'job',
    header: 'Of job',
    cell: ({ jobId }) => <RouterLink href={`/jobs/${jobId}`}>{jobId}</RouterLink>,
  },
  {
    id: 'verified',
    header: 'Seal verified before',
    cell: ({ verified }) => VERIFIED[`${verified}`],
  },
  {
    id: 'certificate',
    header: 'Certificate',
    cell: ({ jobId }) => <ErasureDownloads jobId={jobId} />,
  },
];

/** Its erasures, newest first, with their certificates. */
export function DeviceErasures({ deviceId }: { deviceId: string }) {
  const { data, error, refetch } = useApi('listErasures', { params: { deviceId } });
  return (
    <DataTable
      title="Erasures"
      columns={ERASURE_COLUMNS}
      rows={data?.erasures}
      rowId={({ jobId }) => jobId}
      error={error}
      onRetry={() => void refetch()}
      none="It has not been erased yet."
    />
  );
}

/** What the custody log has of the device, newest first. */
export function DeviceCustody({ deviceId }: { deviceId: string }) {
  const pages = usePages<number>();
  const query = { deviceId, limit: PAGE, before: pages.mark };
  const { data, error, refetch } = useApi('listCustody', { query }, { keep: true });
  return (
    <DataTable
      title="Custody log"
      description="Append-only, each entry hashed with the one before it"
      columns={auditColumns(data?.names ?? {}).filter(({ id }) => id !== 'device')}
      rows={data?.entries}
      rowId={(entry) => String(entry.seq)}
      error={error}
      onRetry={() => void refetch()}
      pagination={pages.control(data?.next)}
      none="Nothing has happened yet."
    />
  );
}
