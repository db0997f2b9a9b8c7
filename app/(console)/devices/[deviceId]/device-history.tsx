'use client';

import { formatJobFilter } from '../../../../lib/domain/job-filter.ts';
import { useApi } from '../../../_ui/api.ts';
import { auditColumns } from '../../../_ui/custody-columns.tsx';
import { DataTable } from '../../../_ui/data-table.tsx';
import { usePages } from '../../../_ui/paging.tsx';
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
