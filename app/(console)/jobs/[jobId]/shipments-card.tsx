'use client';

import type { TableProps } from '@cloudscape-design/components/table';
import type { JobDetail } from '../../../../lib/api/schemas/job-schemas.ts';
import { DataTable } from '../../../_ui/data-table.tsx';
import { Instant } from '../../../_ui/instant.tsx';

type Shipment = JobDetail['shipments'][number];

const COLUMNS: TableProps.ColumnDefinition<Shipment>[] = [
  {
    id: 'leg',
    header: 'Way',
    isRowHeader: true,
    cell: ({ leg }) => (leg === 'to-site' ? 'to the site' : 'to the facility'),
  },
  {
    id: 'carrier',
    header: 'Carrier',
    cell: ({ carrier, service }) => [carrier || '–', service].filter(Boolean).join(', '),
  },
  { id: 'tracking', header: 'Tracking number', cell: (leg) => leg.trackingNumber || '–' },
  { id: 'seals', header: 'Tamper seals', cell: (leg) => leg.sealNumbers.join(', ') || '–' },
  { id: 'shipped', header: 'Handed over', cell: (leg) => <Instant at={leg.shippedAt} /> },
  { id: 'arrived', header: 'Arrived', cell: (leg) => <Instant at={leg.arrivedAt} /> },
];

/** Both ways of the device. */
export function ShipmentsCard({ job }: { job: JobDetail }) {
  return (
    <DataTable
      title="Shipments"
      columns={COLUMNS}
      rows={job.shipments}
      rowId={(leg) => String(leg.id)}
      none="The device has not been shipped yet."
    />
  );
}
