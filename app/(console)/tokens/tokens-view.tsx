'use client';

import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import RadioGroup from '@cloudscape-design/components/radio-group';
import type { TableProps } from '@cloudscape-design/components/table';
import { useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import { permits } from '../../../lib/domain/permissions.ts';
import { useApi, useCall } from '../../_data/api.ts';
import { usePerson } from '../../_data/session.tsx';
import { Copyable } from '../../_ui/copyable.tsx';
import { DataTable } from '../../_ui/data-table.tsx';
import { CallDialog, TellDialog } from '../../_ui/dialogs.tsx';
import { Instant } from '../../_ui/instant.tsx';
import { PageFrame } from '../../_ui/page-frame.tsx';
import { TextField } from '../../_ui/text-field.tsx';
import { AccessKeysCard } from './access-keys.tsx';
import { ExpiryField, expiryOf } from './expiry-field.tsx';

type Token = CallResult<'listTokens'>['tokens'][number];

/** Tokens for programs: scripts, agents that log in, stations. */
export function TokensView() {
  const list = useApi('listTokens');
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Token>();
  const columns: TableProps.ColumnDefinition<Token>[] = [
    { id: 'name', header: 'Token', isRowHeader: true, minWidth: 140, cell: (token) => token.name },
    {
      id: 'kind',
      header: 'For',
      minWidth: 90,
      cell: ({ kind }) => (kind === 'station' ? 'a station' : 'you'),
    },
    {
      id: 'created',
      header: 'Made',
      minWidth: 150,
      cell: (token) => <Instant at={token.createdAt} />,
    },
    {
      id: 'expires',
      header: 'Expires',
      minWidth: 150,
      cell: ({ expiresAt }) => (expiresAt ? <Instant at={expiresAt} /> : 'never'),
    },
    {
      id: 'revoke',
      header: 'Actions',
      minWidth: 100,
      cell: (token) =>
        token.revokedAt ? (
          <>
            revoked <Instant at={token.revokedAt} />
          </>
        ) : (
          <Button
            variant="inline-link"
            ariaLabel={`Revoke ${token.name}`}
            onClick={() => setRevoking(token)}
          >
            Revoke
          </Button>
        ),
    },
  ];
  const make = <Button onClick={() => setMaking(true)}>Make token</Button>;
  return (
    <PageFrame
      title="Access tokens"
      description="A program with a token or key of yours may do what you may do."
    >
      <DataTable
        title="Tokens"
        description="For the command line, scripts and stations. waybill login makes one by itself."
        columns={columns}
        rows={list.data?.tokens}
        rowId={(token) => token.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        actions={make}
        none="No token yet. Make one for a script, or let waybill login make it."
        noneAction={make}
      />
      <AccessKeysCard />
      {making && <MakeToken onClose={() => setMaking(false)} />}
      {revoking && <RevokeToken token={revoking} onClose={() => setRevoking(undefined)} />}
    </PageFrame>
  );
}

function MakeToken({ onClose }: { onClose: () => void }) {
  const mayStation = permits(usePerson().role, 'token.station');
  const [name, setName] = useState('');
  const [kind, setKind] = useState<'person' | 'station'>('person');
  const [days, setDays] = useState('90');
  const call = useCall('createToken');
  const token = call.data?.token;
  const expiry = expiryOf(days);
  if (token) {
    return (
      <TellDialog title="The new token" confirm="Done" onClose={onClose}>
        <Alert type="warning" header="It is shown this once">
          <Copyable text={token} what="token" />
        </Alert>
      </TellDialog>
    );
  }
  return (
    <CallDialog
      title="Make a token"
      confirm="Make"
      call={call}
      disabled={name.trim() === '' || !expiry}
      onClose={onClose}
      onConfirm={() => call.mutate({ body: { name, kind, ...expiry } })}
    >
      <TextField label="Name" constraint="What it is for" value={name} onChange={setName} />
      <ExpiryField value={days} onChange={setDays} />
      {mayStation && (
        <FormField label="For">
          <RadioGroup
            value={kind}
            items={[
              { value: 'person', label: 'You' },
              { value: 'station', label: 'A station of the facility, of that name' },
            ]}
            onChange={({ detail }) => setKind(detail.value === 'station' ? 'station' : 'person')}
          />
        </FormField>
      )}
    </CallDialog>
  );
}

function RevokeToken({ token, onClose }: { token: Token; onClose: () => void }) {
  const call = useCall('revokeToken', onClose);
  return (
    <CallDialog
      title={`Revoke ${token.name}?`}
      confirm="Revoke"
      call={call}
      onClose={onClose}
      onConfirm={() => call.mutate({ params: { tokenId: token.id } })}
    >
      Programs that use it are turned away at once. It cannot be taken back.
    </CallDialog>
  );
}
