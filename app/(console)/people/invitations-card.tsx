'use client';

import Button from '@cloudscape-design/components/button';
import type { TableProps } from '@cloudscape-design/components/table';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import { useApi } from '../../_data/api.ts';
import { ROLE_NAMES } from '../../_parts/role-words.ts';
import { DataTable } from '../../_ui/data-table.tsx';
import { Instant } from '../../_ui/instant.tsx';

const WithdrawLink = dynamic(() =>
  import('./invite-dialogs.tsx').then((part) => part.WithdrawLink),
);

type Invitation = CallResult<'listInvitations'>['invitations'][number];

/** One-time links that were sent and not used yet. */
export function InvitationsCard() {
  const list = useApi('listInvitations');
  const [revoking, setRevoking] = useState<Invitation>();
  const columns: TableProps.ColumnDefinition<Invitation>[] = [
    { id: 'name', header: 'For', isRowHeader: true, minWidth: 150, cell: ({ name }) => name },
    { id: 'email', header: 'E-mail address', minWidth: 200, cell: ({ email }) => email },
    {
      id: 'kind',
      header: 'To',
      minWidth: 150,
      cell: ({ kind, role }) =>
        kind === 'invitation' ? `join as ${ROLE_NAMES[role]}` : 'choose a new password',
    },
    {
      id: 'expires',
      header: 'Works until',
      minWidth: 170,
      cell: ({ expiresAt }) => <Instant at={expiresAt} />,
    },
    {
      id: 'do',
      header: 'Actions',
      minWidth: 100,
      cell: (invitation) => (
        <Button
          variant="inline-link"
          ariaLabel={`Withdraw the link for ${invitation.name}`}
          onClick={() => setRevoking(invitation)}
        >
          Withdraw
        </Button>
      ),
    },
  ];
  return (
    <>
      <DataTable
        title="Open invitations"
        description="A link works once. It is not shown again: withdraw it and invite anew when it was lost."
        columns={columns}
        rows={list.data?.invitations}
        rowId={({ id }) => id}
        error={list.error}
        onRetry={() => void list.refetch()}
        none="No link is open. Who is invited, or is offered a new password, is listed here until the link was used."
      />
      {revoking && <WithdrawLink invitation={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}
