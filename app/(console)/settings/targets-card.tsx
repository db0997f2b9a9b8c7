'use client';

import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import type { TableProps } from '@cloudscape-design/components/table';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useApi } from '../../_data/api.ts';
import { useNotifyingCall } from '../../_data/notifying-call.ts';
import { describeChoice } from '../../_parts/notification-words.ts';
import { DataTable } from '../../_ui/data-table.tsx';
import { Instant } from '../../_ui/instant.tsx';
import { useNotify } from '../../_ui/notices.tsx';
import { Signed } from '../../_ui/status-icon.tsx';
import type { Target } from './target.ts';

// Dialogs come when they are asked for.
const ConsequenceDialog = dynamic(() =>
  import('./target-dialogs.tsx').then((part) => part.ConsequenceDialog),
);
const SecretDialog = dynamic(() =>
  import('./target-dialogs.tsx').then((part) => part.SecretDialog),
);
const TargetDialog = dynamic(() =>
  import('./target-dialogs.tsx').then((part) => part.TargetDialog),
);
type Consequence = 'remove' | 'renew' | 'disable';
type Shown =
  | { kind: 'add' }
  | { kind: 'edit' | Consequence; target: Target }
  | { kind: 'secret'; secret: string }
  | undefined;

/** Who is told. */
export function TargetsCard({ mayManage }: { mayManage: boolean }) {
  const notify = useNotify();
  const list = useApi('listTargets');
  const [shown, setShown] = useState<Shown>();
  const close = () => setShown(undefined);
  const test = useNotifyingCall('testTarget', ({ targetName, attempts }) => {
    const { error = null, status = null } = attempts.at(-1) ?? {};
    if (error === null) notify('success', `${targetName} took the test message (${status}).`);
    else notify('error', `${targetName} did not take the test message: ${error}.`);
  });
  const change = useNotifyingCall('changeTarget');
  const doAction = (target: Target, action: string) => {
    const params = { targetId: target.id };
    if (action === 'test') test({ params });
    else if (action === 'enable') change({ params, body: { disabled: false } });
    else if (isDialog(action)) setShown({ kind: action, target });
  };
  const add = mayManage && (
    <Button onClick={() => setShown({ kind: 'add' })}>Add notification target</Button>
  );
  return (
    <>
      <DataTable
        title="Notification targets"
        description="Webhooks and mail addresses that are told when the state of a job changes or it needs attention."
        columns={columnsOf(mayManage, doAction)}
        rows={list.data?.targets}
        rowId={(target) => target.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        actions={add}
        none="Nobody is told yet. Add a webhook or a mail address, and it hears when a device arrives or a job needs attention."
        noneAction={add}
      />
      {shown?.kind === 'add' && (
        <TargetDialog
          onClose={close}
          onAdded={(secret) => setShown(secret ? { kind: 'secret', secret } : undefined)}
        />
      )}
      {shown?.kind === 'edit' && <TargetDialog target={shown.target} onClose={close} />}
      {shown?.kind === 'secret' && <SecretDialog secret={shown.secret} onClose={close} />}
      {(shown?.kind === 'remove' || shown?.kind === 'renew' || shown?.kind === 'disable') && (
        <ConsequenceDialog
          action={shown.kind}
          target={shown.target}
          onClose={close}
          onSecret={(secret) => setShown({ kind: 'secret', secret })}
        />
      )}
    </>
  );
}

const isDialog = (action: string): action is 'edit' | Consequence =>
  ['edit', 'remove', 'renew', 'disable'].includes(action);

function columnsOf(
  mayManage: boolean,
  doAction: (target: Target, action: string) => void,
): TableProps.ColumnDefinition<Target>[] {
  return [
    { id: 'name', header: 'Name', isRowHeader: true, minWidth: 120, cell: ({ name }) => name },
    {
      id: 'address',
      header: 'Address',
      minWidth: 200,
      cell: ({ address }) => <span className="long-word">{address}</span>,
    },
    {
      id: 'hears',
      header: 'Hears',
      minWidth: 160,
      cell: (target) =>
        `${target.everyJob ? 'every job' : 'jobs that name it'}: ${describeChoice(target)}`,
    },
    { id: 'status', header: 'Status', minWidth: 160, cell: (target) => <Status target={target} /> },
    ...(mayManage
      ? [
          {
            id: 'do',
            header: 'Actions',
            minWidth: 110,
            cell: (target: Target) => (
              <ButtonDropdown
                variant="inline-icon"
                expandToViewport
                ariaLabel={`Actions of ${target.name}`}
                items={[
                  { id: 'test', text: 'Send a test message' },
                  { id: 'edit', text: 'Edit' },
                  target.disabledAt === null
                    ? { id: 'disable', text: 'Disable' }
                    : { id: 'enable', text: 'Enable' },
                  ...(target.kind === 'webhook' ? [{ id: 'renew', text: 'New secret' }] : []),
                  { id: 'remove', text: 'Remove' },
                ]}
                onItemClick={({ detail }) => doAction(target, detail.id)}
              />
            ),
          },
        ]
      : []),
  ];
}

function Status({ target }: { target: Target }) {
  const { disabledAt, disabledWhy, failingSince } = target;
  if (disabledAt !== null) return <Signed type="stopped">Disabled: {disabledWhy}</Signed>;
  if (failingSince === null) return <Signed type="success">Enabled</Signed>;
  return (
    <Signed type="warning">
      Failing since <Instant at={failingSince} />
    </Signed>
  );
}
