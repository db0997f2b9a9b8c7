'use client';

import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { TableProps } from '@cloudscape-design/components/table';
import { routeUrl } from '../../../../lib/api/client.ts';
import { ROUTES } from '../../../../lib/api/contract.ts';
import type { JobDetail } from '../../../../lib/api/schemas/job-schemas.ts';
import { permits } from '../../../../lib/domain/permissions.ts';
import type { Leg } from '../../../../lib/domain/words.ts';
import { DataTable } from '../../../_ui/data-table.tsx';
import { Instant } from '../../../_ui/instant.tsx';
import { usePerson } from '../../../_ui/session.tsx';

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

/** What can be printed now: papers of the way out, and of the way back once they are released. */
function papersOf(job: JobDetail) {
  if (job.device === null) return [];
  const isReleased = job.type === 'export' || job.sealed;
  const leg: Leg = job.state === 'created' || isReleased ? 'to-facility' : 'to-site';
  if (leg === 'to-facility' && !isReleased) return [];
  const way = leg === 'to-site' ? 'to the site' : 'to the facility';
  return [
    { text: `Label ${way}`, path: ROUTES.getLabel.path, leg },
    { text: `Packing slip ${way}`, path: ROUTES.getPackingSlip.path, leg },
  ];
}

/** Both ways of the device. */
export function ShipmentsCard({ job }: { job: JobDetail }) {
  const { role } = usePerson();
  return (
    <DataTable
      title="Shipments"
      columns={COLUMNS}
      rows={job.shipments}
      rowId={(leg) => String(leg.id)}
      actions={
        permits(role, 'job.labels') && (
          <SpaceBetween direction="horizontal" size="xs">
            {papersOf(job).map(({ text, path, leg }) => (
              <Button
                key={text}
                iconName="download"
                href={routeUrl(path, { jobId: job.id }, { leg })}
                download
              >
                {text}
              </Button>
            ))}
          </SpaceBetween>
        )
      }
      none="The device has not been shipped yet."
    />
  );
}
