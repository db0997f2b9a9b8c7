'use client';

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { TableProps } from '@cloudscape-design/components/table';
import { useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import { DELIVERY_STATES, type DeliveryState } from '../../../lib/domain/notifications.ts';
import { isWord } from '../../../lib/domain/words.ts';
import { useApi } from '../../_data/api.ts';
import { useNotifyingCall } from '../../_data/notifying-call.ts';
import { usePages } from '../../_data/paging.tsx';
import { DataTable } from '../../_ui/data-table.tsx';
import { sentence } from '../../_ui/failure.tsx';
import { Instant } from '../../_ui/instant.tsx';
import { useNotify } from '../../_ui/notices.tsx';
import { RouterLink } from '../../_ui/router-link.tsx';
import { type Sign, Signed } from '../../_ui/status-icon.tsx';
import { DELIVERIES_ASK } from './deliveries-ask.ts';

type Delivery = CallResult<'listDeliveries'>['deliveries'][number];

const SIGNS: Record<DeliveryState, Sign> = {
  waiting: ['pending', 'Waiting'],
  delivered: ['success', 'Delivered'],
  failed: ['error', 'Failed'],
};

/** What was told, and how that went. */
export function DeliveriesCard({ mayManage }: { mayManage: boolean }) {
  const notify = useNotify();
  const pages = usePages<number>();
  const [state, setState] = useState<DeliveryState>();
  const list = useApi(
    'listDeliveries',
    { query: { ...DELIVERIES_ASK.query, before: pages.mark, ...(state && { state }) } },
    { keep: true },
  );
  const redeliver = useNotifyingCall('redeliver', ({ state: now, attempts, targetName }) => {
    const error = attempts.at(-1)?.error ?? null;
    if (now === 'delivered') notify('success', `${targetName} took the message.`);
    else notify('warning', `${targetName} did not take the message yet: ${error ?? 'it waits'}.`);
  });
  const choose = (id: string) => {
    setState(isWord(DELIVERY_STATES, id) ? id : undefined);
    pages.restart();
  };
  return (
    <DataTable
      title="Deliveries"
      description="Every message of the last 90 days. A failed attempt is made again, up to ten times in three days."
      columns={columnsOf(
        mayManage ? (deliveryId) => redeliver({ params: { deliveryId } }) : undefined,
      )}
      rows={list.data?.deliveries}
      rowId={(delivery) => delivery.id}
      error={list.error}
      onRetry={() => void list.refetch()}
      actions={
        <Button
          iconName="refresh"
          ariaLabel="Refresh deliveries"
          onClick={() => void list.refetch()}
        />
      }
      filter={
        <SegmentedControl
          label="Which deliveries"
          selectedId={state ?? 'all'}
          options={[
            { id: 'all', text: 'All' },
            ...DELIVERY_STATES.map((id) => ({ id, text: SIGNS[id][1] })),
          ]}
          onChange={({ detail }) => choose(detail.selectedId)}
        />
      }
      pagination={pages.control(list.data?.next)}
      none="Nothing has been told yet. Messages appear here when the state of a job changes."
      onClearFilter={state && (() => choose('all'))}
    />
  );
}

function columnsOf(
  redeliver: ((id: string) => void) | undefined,
): TableProps.ColumnDefinition<Delivery>[] {
  return [
    {
      id: 'summary',
      header: 'Message',
      isRowHeader: true,
      minWidth: 180,
      cell: ({ summary, jobId }) =>
        jobId === null ? (
          sentence(summary)
        ) : (
          <RouterLink href={`/jobs/${jobId}`}>{sentence(summary)}</RouterLink>
        ),
    },
    { id: 'target', header: 'Told', minWidth: 120, cell: ({ targetName }) => targetName },
    {
      id: 'at',
      header: 'When',
      minWidth: 150,
      cell: ({ createdAt }) => <Instant at={createdAt} />,
    },
    {
      id: 'state',
      header: 'State',
      minWidth: 150,
      cell: ({ state, nextAt }) => (
        <SpaceBetween size="xxs">
          <Signed type={SIGNS[state][0]}>{SIGNS[state][1]}</Signed>
          {nextAt && (
            <Box variant="small">
              next attempt <Instant at={nextAt} />
            </Box>
          )}
        </SpaceBetween>
      ),
    },
    { id: 'attempts', header: 'Last attempt', minWidth: 180, cell: lastAttempt },
    ...(redeliver
      ? [
          {
            id: 'do',
            header: 'Action',
            minWidth: 110,
            cell: ({ id, summary, targetName }: Delivery) => (
              <Button
                variant="inline-link"
                ariaLabel={`Redeliver "${summary}" to ${targetName}`}
                onClick={() => redeliver(id)}
              >
                Redeliver
              </Button>
            ),
          },
        ]
      : []),
  ];
}

function lastAttempt({ attempts }: Delivery): string {
  const last = attempts.at(-1);
  if (!last) return 'none yet';
  const code = last.status === null ? '' : `${last.status}, `;
  const count = attempts.length === 1 ? '' : `, attempt ${attempts.length}`;
  return `${code}${last.error ?? 'taken'} in ${last.milliseconds} ms${count}`;
}
