'use client';

import Button from '@cloudscape-design/components/button';
import type { CallResult } from '../../lib/api/client.ts';
import { useApi, useCall } from '../_data/api.ts';
import { DataTable } from '../_ui/data-table.tsx';
import { Instant } from '../_ui/instant.tsx';
import { browserOf } from './browser-name.ts';

type Session = CallResult<'listSessions'>['sessions'][number];

/** Where a person is signed in; each can be ended. Without a person: the one who looks. */
export function SessionsTable({ personId }: { personId?: string }) {
  const list = useApi('listSessions', { query: { ...(personId && { personId }) } });
  const end = useCall('endSession');
  return (
    <DataTable
      title="Sessions"
      description="Browsers that are signed in. One that you do not know: end it, and change the password."
      columns={[
        {
          id: 'agent',
          header: 'Browser',
          isRowHeader: true,
          minWidth: 200,
          cell: ({ userAgent, current }: Session) => (
            <span title={userAgent ?? ''}>
              {browserOf(userAgent)}
              {current && ' (this one)'}
            </span>
          ),
        },
        { id: 'ip', header: 'From', cell: ({ ipAddress }: Session) => ipAddress || 'unknown' },
        {
          id: 'since',
          header: 'Since',
          minWidth: 150,
          cell: ({ createdAt }: Session) => <Instant at={createdAt} />,
        },
        {
          id: 'until',
          header: 'Until',
          minWidth: 150,
          cell: ({ expiresAt }: Session) => <Instant at={expiresAt} />,
        },
        {
          id: 'do',
          header: 'Action',
          cell: ({ id, userAgent }: Session) => (
            <Button
              variant="inline-link"
              ariaLabel={`End the session of ${browserOf(userAgent)}`}
              onClick={() => end.mutate({ params: { sessionId: id } })}
            >
              End
            </Button>
          ),
        },
      ]}
      rows={list.data?.sessions}
      rowId={({ id }) => id}
      error={list.error ?? end.error}
      onRetry={() => void list.refetch()}
      none="No browser is signed in."
    />
  );
}
