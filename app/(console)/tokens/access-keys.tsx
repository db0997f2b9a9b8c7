'use client';

import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import type { TableProps } from '@cloudscape-design/components/table';
import { useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import { useApi, useCall } from '../../_data/api.ts';
import { Copyable } from '../../_ui/copyable.tsx';
import { DataTable } from '../../_ui/data-table.tsx';
import { CallDialog, TellDialog } from '../../_ui/dialogs.tsx';
import { Instant } from '../../_ui/instant.tsx';
import { TextField } from '../../_ui/text-field.tsx';
import { ExpiryField, expiryOf } from './expiry-field.tsx';

type AccessKey = CallResult<'listAccessKeys'>['accessKeys'][number];

/** Access keys for scripts and SDKs of AWS. */
export function AccessKeysCard() {
  const list = useApi('listAccessKeys');
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<AccessKey>();
  const columns: TableProps.ColumnDefinition<AccessKey>[] = [
    { id: 'name', header: 'Name', isRowHeader: true, minWidth: 120, cell: ({ name }) => name },
    {
      id: 'id',
      header: 'Access key id',
      minWidth: 220,
      cell: ({ id }) => <Copyable text={id} what="access key id" />,
    },
    { id: 'made', header: 'Made', minWidth: 170, cell: (key) => <Instant at={key.createdAt} /> },
    {
      id: 'expires',
      header: 'Expires',
      minWidth: 170,
      cell: ({ expiresAt }) => (expiresAt ? <Instant at={expiresAt} /> : 'never'),
    },
    {
      id: 'do',
      header: 'Actions',
      minWidth: 120,
      cell: (key) =>
        key.revokedAt ? (
          <>
            revoked <Instant at={key.revokedAt} />
          </>
        ) : (
          <Button
            variant="inline-link"
            ariaLabel={`Revoke access key ${key.name}`}
            onClick={() => setRevoking(key)}
          >
            Revoke
          </Button>
        ),
    },
  ];
  const make = <Button onClick={() => setMaking(true)}>Make access key</Button>;
  return (
    <>
      <DataTable
        title="Access keys"
        description="For the AWS CLI and SDKs, which sign each request: point them at /api/aws of this console."
        columns={columns}
        rows={list.data?.accessKeys}
        rowId={({ id }) => id}
        error={list.error}
        onRetry={() => void list.refetch()}
        actions={make}
        none="No access key yet. Scripts that speak AWS Snowball or Import/Export need one; everything else uses a token."
        noneAction={make}
      />
      {making && <MakeAccessKey onClose={() => setMaking(false)} />}
      {revoking && <RevokeAccessKey accessKey={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}

function MakeAccessKey({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [days, setDays] = useState('90');
  const call = useCall('createAccessKey');
  const expiry = expiryOf(days);
  const made = call.data;
  if (made) {
    return (
      <TellDialog title="The new access key" confirm="Done" onClose={onClose}>
        <Alert type="warning" header="The secret is shown this once">
          <KeyValuePairs
            items={[
              {
                label: 'Access key id',
                value: <Copyable text={made.id} what="access key id" />,
              },
              {
                label: 'Secret access key',
                value: <Copyable text={made.secret} what="secret access key" />,
              },
            ]}
          />
        </Alert>
      </TellDialog>
    );
  }
  return (
    <CallDialog
      title="Make an access key"
      confirm="Make"
      call={call}
      disabled={name.trim() === '' || !expiry}
      onClose={onClose}
      onConfirm={() => call.mutate({ body: { name, ...expiry } })}
    >
      <TextField label="Name" constraint="What it is for" value={name} onChange={setName} />
      <ExpiryField value={days} onChange={setDays} />
    </CallDialog>
  );
}

function RevokeAccessKey({ accessKey, onClose }: { accessKey: AccessKey; onClose: () => void }) {
  const call = useCall('revokeAccessKey', onClose);
  return (
    <CallDialog
      title={`Revoke access key ${accessKey.name}?`}
      confirm="Revoke"
      call={call}
      onClose={onClose}
      onConfirm={() => call.mutate({ params: { keyId: accessKey.id } })}
    >
      Requests that it signs are turned away at once. It cannot be taken back.
    </CallDialog>
  );
}
